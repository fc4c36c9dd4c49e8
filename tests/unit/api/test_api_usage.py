"""A month's bill: ended jobs go to the archive, and a report is made of them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loresmith.api.background.archiver import EXPIRE_INTERVAL_S, RETRY_INTERVAL_S, Archiver
from loresmith.archive import Archive, ArchiveUnavailable, open_archive
from loresmith.jobs.store import keys
from tests.store.budget_driver import BudgetDriver
from tests.unit.api.harness import BODY, ApiHarness

DAY = datetime.now(UTC).date().isoformat()
EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def outbox(api: ApiHarness, archive: Archive) -> Archiver:
    return Archiver(api.scripts.redis, archive)


def paid(api: ApiHarness, cost: int = 8_000, **body: Any) -> str:
    """The id of a job that ended after one call."""
    job_id = str(api.submit(BODY | body).json()["id"])
    api.scripts.claim(job_id)
    call = BudgetDriver(api.scripts).call(job_id, maximum=10_000)
    api.scripts.settle(call, cost_micros=cost)
    usage = '{"input_tokens":100,"output_tokens":40,"calls":1}'
    api.scripts.redis.hset(keys.job(job_id), "estimate_micros", 10_000)
    api.scripts.finish(job_id, result="[]", usage=usage)
    return job_id


def test_the_log_tells_how_a_job_ended(
    api: ApiHarness, outbox: Archiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a job that ended / I expect one line with its tokens, and its cost by its estimate."""
    caplog.set_level("INFO", "loresmith.api.background.archiver")
    job_id = paid(api)

    outbox.drain()

    (line,) = [reply for reply in caplog.messages if str(reply).startswith("ended ")]
    status_text = dict(part.split("=") for part in line.split()[1:])
    assert (status_text["job_id"], status_text["type"], status_text["status"]) == (
        job_id,
        BODY["type"],
        "completed",
    )
    assert (status_text["calls"], status_text["tokens_in"], status_text["tokens_out"]) == (
        "1",
        "100",
        "40",
    )
    assert (status_text["cost"], status_text["estimate"]) == ("0.008", "0.01")


def test_a_report_outlives_the_jobs(api: ApiHarness, outbox: Archiver) -> None:
    """Given two jobs that ended, one deleted, both forgotten by Redis / when I ask for the month
    / I expect what they cost, and how far that was from the estimate.
    """
    paid(api)
    api.client.delete(f"/jobs/{paid(api, 6_000)}")
    assert api.get("/usage").json()["pending"] == 2
    assert outbox.drain() == 2
    api.scripts.redis.flushall()

    report = api.get("/usage").json()

    row = {
        "key": DAY, "jobs": 2, "calls": 2, "tokens": {"input": 200, "output": 80}, "cost": 0.014,
        "estimate_error": -0.3, "unknown_exposure": 0, "unpriced_jobs": 0,
    }  # fmt: skip
    assert report["rows"] == [row]
    assert report["total"] == row | {"key": None}
    assert report["pending"] == 0


def test_jobs_without_a_known_price_are_counted(api: ApiHarness, outbox: Archiver) -> None:
    """Given a job that called a model without a price / I expect that the report says what its cost
    leaves out."""
    job_id = str(api.submit(BODY | {"options": {"model": "m"}}).json()["id"])
    api.scripts.claim(job_id)
    api.scripts.settle(api.scripts.intent(job_id).call_id)
    api.scripts.finish(job_id, result="[]", usage='{"input_tokens":9,"output_tokens":9,"calls":1}')
    paid(api)
    outbox.drain()

    total = api.get("/usage").json()["total"]

    assert (total["jobs"], total["cost"], total["unpriced_jobs"]) == (2, 0.008, 1)


@pytest.mark.parametrize("group", ["user", "team", "type", "model", "session", "day"])
def test_there_is_a_row_for_each_of_a_group(api: ApiHarness, outbox: Archiver, group: str) -> None:
    body = {"team_id": "sea", "session_id": "s1", "options": {"model": "m"}}
    paid(api, **body)
    outbox.drain()

    (row,) = api.get(f"/usage?group_by={group}").json()["rows"]

    assert row["key"] == {
        "user": "local", "team": "sea", "type": BODY["type"], "model": "m", "session": "s1",
        "day": DAY,
    }[group]  # fmt: skip


def test_a_report_is_of_its_time_alone(api: ApiHarness, outbox: Archiver) -> None:
    paid(api)
    outbox.drain()

    assert api.get("/usage?to=2001-01-01T00:00:00Z&from=2000-01-01T00:00:00Z").json()["rows"] == []
    assert api.get(f"/usage?from={DAY}T00:00:00Z").json()["total"]["jobs"] == 1


@pytest.mark.parametrize(
    "query",
    ["group_by=colour", "from=yesterday", "to=2026-11-23", "from=0001-01-01T00:00:00%2B05:00"],
)
def test_a_question_that_does_not_fit_is_named(api: ApiHarness, query: str) -> None:
    answer = api.get(f"/usage?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == query.split("=")[0]


def test_a_new_budget_counts_what_the_archive_knows(api: ApiHarness, outbox: Archiver) -> None:
    """Given 0.008 spent this month, and Redis lost / when the team's budget is set again
    / I expect it spent; once, however often it is set.
    """
    paid(api, team_id="sea")
    outbox.drain()
    api.scripts.redis.flushall()

    for _ in range(2):
        reply = api.client.put("/budgets/team/sea", json={"limit": 1}).json()
        assert reply["spent"] == 0.008
    assert api.client.put("/budgets/team/fog", json={"limit": 1}).json()["spent"] == 0
    assert api.client.put("/budgets/global/all", json={"limit": 1}).json()["spent"] == 0.008


class TestOutbox:
    def test_a_word_stays_until_the_archive_has_it(
        self, api: ApiHarness, archive: Archive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Given a database that is away / when the outbox is drained / I expect nothing lost, one
        try in a while, and everything written once it is back.
        """
        paid(api)
        clock, tries = Clock(), []
        outbox = Archiver(api.scripts.redis, archive, clock)

        def away() -> None:
            tries.append(clock.now)
            raise ArchiveUnavailable("it is away")

        with monkeypatch.context() as broken:
            broken.setattr(archive, "make", away)
            outbox.drain_quietly()
            outbox.drain_quietly()
        assert len(tries) == 1
        assert api.scripts.redis.xlen(keys.OUTBOX) == 1

        clock.now += RETRY_INTERVAL_S
        outbox.drain_quietly()

        assert api.scripts.redis.xlen(keys.OUTBOX) == 0
        assert api.get("/usage").json()["total"]["jobs"] == 1

    def test_expired_worlds_are_deleted_once_a_minute_from_the_archive_of_this_redis_only(
        self, api: ApiHarness, archive: Archive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Given an archive that Redis does not know / I expect nothing deleted until it does."""
        clock, deletions = Clock(), list[float]()
        monkeypatch.setattr(archive.worlds, "delete_expired", lambda: deletions.append(clock.now))
        outbox = Archiver(api.scripts.redis, archive, clock)

        outbox.drain_quietly()
        assert deletions == []
        paid(api)
        for _ in range(3):
            outbox.drain_quietly()
            clock.now += EXPIRE_INTERVAL_S / 2

        assert deletions == [100.0, 100.0 + EXPIRE_INTERVAL_S]

    def test_another_archive_gets_nothing(
        self, api: ApiHarness, outbox: Archiver, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Given an archive that Redis notes / when an api with another one drains
        / I expect nothing written, one line that names both, and the first to archive all.
        """
        paid(api)
        outbox.drain_quietly()
        paid(api)
        clock = Clock()
        with open_archive(f"sqlite:///{tmp_path}/stray.db") as other:
            stray = Archiver(api.scripts.redis, other, clock)
            for _ in range(3):
                stray.drain_quietly()
                clock.now += RETRY_INTERVAL_S
            assert other.history.usage("user", *EVER) == []

        assert api.scripts.redis.xlen(keys.OUTBOX) == 1
        assert [
            record.levelname for record in caplog.records if record.name == Archiver.__module__
        ] == ["ERROR"]
        assert "stray.db" in stray.mismatch
        assert str(api.scripts.redis.get(keys.ARCHIVE)) in stray.mismatch
        outbox.drain_quietly()
        assert outbox.mismatch == ""
        assert api.get("/usage").json()["total"]["jobs"] == 2

    def test_another_archive_is_noticed_before_a_job_ends(
        self, api: ApiHarness, tmp_path: Path
    ) -> None:
        """Given a noted archive / when an api with another one starts / I expect it to say so; and
        once the note is deleted on purpose, to be the one.
        """
        api.scripts.redis.set(keys.ARCHIVE, "of the others")
        clock = Clock()
        with open_archive(f"sqlite:///{tmp_path}/stray.db") as other:
            stray = Archiver(api.scripts.redis, other, clock)
            stray.drain_quietly()
            assert "of the others" in stray.mismatch
            with pytest.raises(ArchiveUnavailable, match="of the others"):
                other.prepare()  # as each route does

            api.scripts.redis.delete(keys.ARCHIVE)
            clock.now += RETRY_INTERVAL_S
            paid(api)
            stray.drain_quietly()

            assert stray.mismatch == ""
            other.prepare()
            assert api.scripts.redis.get(keys.ARCHIVE) == other.identity()

    def test_written_twice_is_written_once(self, api: ApiHarness, outbox: Archiver) -> None:
        """Given a process that died after it had written / when another drains the same
        / I expect the job once.
        """
        paid(api)
        ((_, reply),) = api.scripts.redis.xrange(keys.OUTBOX)
        outbox.drain()
        api.scripts.redis.xadd(keys.OUTBOX, reply)
        outbox.drain()

        assert api.get("/usage").json()["total"]["cost"] == 0.008

    def test_a_damaged_entry_is_dropped(self, api: ApiHarness, outbox: Archiver) -> None:
        api.scripts.redis.xadd(keys.OUTBOX, {"id": "7"})
        paid(api)
        ((_, reply),) = api.scripts.redis.xrange(keys.OUTBOX)[1:]
        api.scripts.redis.xadd(keys.OUTBOX, reply | {"id": "no-uuid"})

        assert outbox.drain() == 3
        assert api.get("/usage").json()["total"]["jobs"] == 1

    def test_more_than_a_page_is_drained_at_once(self, api: ApiHarness, outbox: Archiver) -> None:
        paid(api)
        ((_, reply),) = api.scripts.redis.xrange(keys.OUTBOX)
        for n in range(450):
            other = f"{reply['id'][:-3]}{n:03x}"
            api.scripts.redis.xadd(keys.OUTBOX, reply | {"id": other})

        assert outbox.drain() == 451
