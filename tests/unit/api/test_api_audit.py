"""Who changed what: from a request to a stream, and from there to the archive."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from starlette.requests import Request

from loresmith.api.background.archiver import Archiver
from loresmith.api.handlers.audit import _line
from loresmith.api.http import audit as audit_module
from loresmith.api.http.audit import AuditLog, audit
from loresmith.archive import Archive, ArchiveError, AuditFilter, AuditRecord
from loresmith.jobs.core.principal import Principal
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import StoreUnavailable
from tests.unit.api.harness import ApiHarness

ANNA = Principal(id="key:a1", user_id="anna")


class Audit:
    """The audit of an api, drained when it is read."""

    def __init__(self, api: ApiHarness, archive: Archive) -> None:
        self._archiver = Archiver(api.scripts.redis, archive)
        self._archive = archive

    def records(self) -> list[AuditRecord]:
        """Returns all records, the oldest first."""
        self._archiver.drain_audit()
        return list(self._archive.audit.page(AuditFilter()).items)[::-1]


@pytest.fixture
def trail(api: ApiHarness, archive: Archive) -> Audit:
    return Audit(api, archive)


def test_changes_of_jobs_name_who_made_them(api: ApiHarness, trail: Audit) -> None:
    """Given a failed job / when it is retried, cancelled and deleted / I expect a row for each."""
    job_id = api.create_ended("failed")
    api.post(f"/jobs/{job_id}/retry")
    api.post(f"/jobs/{job_id}/cancel")
    api.client.delete(f"/jobs/{job_id}", headers={"X-Request-ID": "r-7"})

    records = trail.records()

    assert [each.action for each in records] == ["job.retry", "job.cancel", "job.delete"]
    assert {each.actor for each in records} == {"local"}
    assert {each.object for each in records} == {f"job {job_id}"}
    assert records[2].request_id == "r-7"
    assert all(each.address for each in records)


def test_what_changed_nothing_is_not_audited(api: ApiHarness, trail: Audit) -> None:
    job_id = api.create_ended("completed")
    api.get(f"/jobs/{job_id}")
    api.post(f"/jobs/{job_id}/cancel")
    api.post(f"/jobs/{job_id}/retry")
    api.post("/jobs/cleanup", {"older_than": 0, "dry_run": True})
    api.client.delete("/budgets/user/nobody")

    assert trail.records() == []


def test_settings_are_shown_before_and_after(api: ApiHarness, trail: Audit) -> None:
    """Given a budget that is set, raised and deleted / I expect its terms before and after."""
    for limit in (5.0, 7.0):
        api.client.put("/budgets/user/anna", json={"limit": limit})
    api.client.delete("/budgets/user/anna")

    first, second, third = trail.records()

    assert (first.before, second.before) == ("", first.after)
    assert '"limit":7.0' in second.after
    assert (third.action, third.before, third.after) == ("budget.delete", second.after, "")
    assert {each.object for each in (first, second, third)} == {"budget user:anna"}
    assert "spent" not in second.after


def test_a_cleanup_tells_what_it_selected_and_deleted(api: ApiHarness, trail: Audit) -> None:
    api.create_ended()
    api.post("/jobs/cleanup", {"older_than": 0})

    (record,) = trail.records()

    assert record.action == "jobs.cleanup"
    assert '"deleted":1' in record.after


def test_an_entry_that_is_drained_twice_is_one_row(
    api: ApiHarness, archive: Archive, trail: Audit
) -> None:
    """Given a process that died after it had saved / when another drains the same entries
    / I expect each once, and a chain that holds.
    """
    api.client.put("/budgets/user/anna", json={"limit": 1})
    ((_, fields),) = api.scripts.redis.xrange(keys.AUDIT_OUTBOX)
    trail.records()
    api.scripts.redis.xadd(keys.AUDIT_OUTBOX, fields)
    api.client.delete("/budgets/user/anna")

    assert [each.number for each in trail.records()] == [1, 2]
    assert archive.audit.check_chain().broken_at is None
    assert api.scripts.redis.xlen(keys.AUDIT_OUTBOX) == 0


def test_rows_cannot_be_changed_unnoticed(api: ApiHarness, archive: Archive, trail: Audit) -> None:
    """Given three rows / when one is changed / I expect the database to refuse; without its
    trigger I expect the chain to name the row.
    """
    for limit in (1, 2, 3):
        api.client.put("/budgets/user/anna", json={"limit": limit})
    trail.records()
    database = archive.audit._database

    for change in ("UPDATE audit SET actor = 'eve' WHERE number = 2", "DELETE FROM audit"):
        with pytest.raises(ArchiveError, match="never changed"), database.transaction() as writing:
            writing.execute(text(change))
    assert archive.audit.check_chain().broken_at is None

    with database.transaction() as writing:
        writing.execute(text("DROP TRIGGER audit_update"))
        writing.execute(text("UPDATE audit SET actor = 'eve' WHERE number = 2"))
    assert archive.audit.check_chain().broken_at == 2


class RecordingPipeline:
    """A Redis that is away until the test says otherwise."""

    def __init__(self) -> None:
        self.away = True
        self.entries: list[dict[str, Any]] = []

    async def execute(self, *command: Any) -> None:
        if self.away:
            raise StoreUnavailable("away")
        self.entries.append(dict(zip(command[3::2], command[4::2], strict=True)))


def test_no_entry_is_lost_while_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a Redis that is away / when two actions are audited / I expect no error, and both
    entries in order once it is back.
    """
    monkeypatch.setattr(audit_module, "RETRY_INTERVAL_S", 0)
    pipeline = RecordingPipeline()

    async def act() -> None:
        audit_log = AuditLog(pipeline)  # type: ignore[arg-type]
        scope = {"type": "http", "principal": ANNA, "audit_log": audit_log, "client": None}
        await audit(Request(scope), "key.create", "key 1")
        await audit(Request(scope), "key.revoke", "key 1\0", actor="x" * 300)
        assert pipeline.entries == []
        pipeline.away = False
        assert audit_log._retry
        await audit_log._retry

    asyncio.run(act())

    assert [each["action"] for each in pipeline.entries] == ["key.create", "key.revoke"]
    assert pipeline.entries[0]["actor"] == "key:a1"
    assert pipeline.entries[1]["object"] == "key 1"
    assert len(pipeline.entries[1]["actor"]) == 256


class TestReading:
    @pytest.fixture(autouse=True)
    def budgets(self, api: ApiHarness, trail: Audit) -> None:
        for user in ("anna", "=1+1", "bob"):
            api.client.put(
                f"/budgets/user/{user}", json={"limit": 1}, headers={"X-Request-ID": "r"}
            )
        trail.records()

    def test_pages_are_newest_first(self, api: ApiHarness) -> None:
        """Given three records / when I ask for pages of two / I expect all of them once."""
        first = api.get("/audit?limit=2").json()
        second = api.get(f"/audit?limit=2&cursor={first['next_cursor']}").json()

        assert [each["number"] for each in first["records"] + second["records"]] == [3, 2, 1]
        assert (first["pending"], second["next_cursor"]) == (0, None)
        assert first["records"][0]["after"]["limit"] == 1
        assert first["records"][0]["before"] is None

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("actor=local", [3, 2, 1]),
            ("actor=eve", []),
            ("action=budget.put&object=budget user:bob", [3]),
            ("from=2100-01-01T00:00:00Z", []),
            ("to=2100-01-01T00:00:00Z", [3, 2, 1]),
        ],
    )
    def test_filters_combine(self, api: ApiHarness, query: str, numbers: list[int]) -> None:
        assert [each["number"] for each in api.get(f"/audit?{query}").json()["records"]] == numbers

    @pytest.mark.parametrize("by_header", [True, False])
    def test_a_table_has_all_and_runs_nothing(self, api: ApiHarness, by_header: bool) -> None:
        """Given a record whose text begins like a formula / I expect a table without formulas."""
        if by_header:
            answer = api.get("/audit?limit=1", accept="text/csv")
        else:
            answer = api.get("/audit?limit=1&format=csv")

        lines = answer.text.splitlines()
        assert answer.headers["content-type"].startswith("text/csv")
        assert lines[0].startswith("number,at,actor")
        assert len(lines) == 4
        assert "user:=1+1" in lines[2]

    @pytest.mark.parametrize("query", ["cursor=x", "limit=0", "from=now", "format=xml", "who=me"])
    def test_a_question_that_does_not_fit_is_named(self, api: ApiHarness, query: str) -> None:
        answer = api.get(f"/audit?{query}")

        assert answer.status_code == 400
        assert answer.json()["errors"][0]["parameter"] == query.split("=")[0]

    def test_the_chain_can_be_checked(self, api: ApiHarness) -> None:
        answer = api.get("/audit/check").json()

        assert (answer["rows"], answer["intact"], answer["broken_at"]) == (3, True, None)
        assert answer["last_hash"] == api.get("/audit").json()["records"][0]["hash"]


def test_a_cell_that_begins_like_a_formula_is_text() -> None:
    assert _line(["=cmd()", "+1", "-1", "@x", "a=b"]) == "'=cmd(),'+1,'-1,'@x,a=b\r\n"
