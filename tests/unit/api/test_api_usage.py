"""A month's bill: ended jobs go to the archive, and a report is made of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.outbox import AGAIN_S, Outbox
from archive import Archive, ArchiveUnavailable, open_archive
from jobs import keys
from tests.store.purse import Purse
from tests.unit.api.desk import BODY, Desk

DAY = datetime.now(UTC).date().isoformat()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(f"sqlite:///{tmp_path}/worlds.db") as opened:
        yield opened


@pytest.fixture
def outbox(desk: Desk, archive: Archive) -> Outbox:
    return Outbox(desk.scripts.redis, archive)


def paid(desk: Desk, cost: int = 8_000, **body: Any) -> str:
    """The id of a job that ended after one call."""
    job_id = str(desk.submit(BODY | body).json()["id"])
    desk.scripts.claim(job_id)
    call = Purse(desk.scripts).call(job_id, most=10_000)
    desk.scripts.settle(call, cost_micros=cost)
    usage = '{"input_tokens":100,"output_tokens":40,"calls":1}'
    desk.scripts.redis.hset(keys.job(job_id), "estimate_micros", 10_000)
    desk.scripts.finish(job_id, result="[]", usage=usage)
    return job_id


def test_the_log_tells_how_a_job_ended(
    desk: Desk, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a job that ended / I expect one line with its tokens, and its cost by its estimate."""
    caplog.set_level("INFO", "api.outbox")
    job_id = paid(desk)

    outbox.drain()

    (line,) = [told for told in caplog.messages if told.startswith("ended ")]
    said = dict(part.split("=") for part in line.split()[1:])
    assert (said["id"], said["type"], said["status"]) == (job_id, BODY["type"], "completed")
    assert (said["calls"], said["tokens_in"], said["tokens_out"]) == ("1", "100", "40")
    assert (said["cost"], said["estimate"]) == ("0.008000", "0.010000")


def test_a_report_outlives_the_jobs(desk: Desk, outbox: Outbox) -> None:
    """Given two jobs that ended, one deleted, both forgotten by Redis / when I ask for the month
    / I expect what they cost, and how far that was from the estimate.
    """
    paid(desk)
    desk.client.delete(f"/jobs/{paid(desk, 6_000)}")
    assert desk.get("/usage").json()["pending"] == 2
    assert outbox.drain() == 2
    desk.scripts.redis.flushall()

    report = desk.get("/usage").json()

    row = {
        "key": DAY, "jobs": 2, "calls": 2, "tokens": {"input": 200, "output": 80}, "cost": 0.014,
        "estimate_error": -0.3, "unknown_exposure": 0,
    }  # fmt: skip
    assert report["rows"] == [row]
    assert report["total"] == row | {"key": None}
    assert report["pending"] == 0


@pytest.mark.parametrize("group", ["user", "team", "type", "model", "session", "day"])
def test_there_is_a_row_for_each_of_a_group(desk: Desk, outbox: Outbox, group: str) -> None:
    body = {"team_id": "sea", "session_id": "s1", "options": {"model": "m"}}
    paid(desk, **body)
    outbox.drain()

    (row,) = desk.get(f"/usage?group_by={group}").json()["rows"]

    assert row["key"] == {
        "user": None, "team": "sea", "type": BODY["type"], "model": "m", "session": "s1",
        "day": DAY,
    }[group]  # fmt: skip


def test_a_report_is_of_its_time_alone(desk: Desk, outbox: Outbox) -> None:
    paid(desk)
    outbox.drain()

    assert desk.get("/usage?to=2001-01-01T00:00:00Z&from=2000-01-01T00:00:00Z").json()["rows"] == []
    assert desk.get(f"/usage?from={DAY}T00:00:00Z").json()["total"]["jobs"] == 1


@pytest.mark.parametrize(
    "query",
    ["group_by=colour", "from=yesterday", "to=2026-11-23", "from=0001-01-01T00:00:00%2B05:00"],
)
def test_a_question_that_does_not_fit_is_named(desk: Desk, query: str) -> None:
    answer = desk.get(f"/usage?{query}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == query.split("=")[0]


def test_a_new_budget_counts_what_the_archive_knows(desk: Desk, outbox: Outbox) -> None:
    """Given 0.008 spent this month, and Redis lost / when the team's budget is set again
    / I expect it spent; once, however often it is set.
    """
    paid(desk, team_id="sea")
    outbox.drain()
    desk.scripts.redis.flushall()

    for _ in range(2):
        told = desk.client.put("/budgets/team/sea", json={"limit": 1}).json()
        assert told["spent"] == 0.008
    assert desk.client.put("/budgets/team/fog", json={"limit": 1}).json()["spent"] == 0
    assert desk.client.put("/budgets/global/all", json={"limit": 1}).json()["spent"] == 0.008


class TestOutbox:
    def test_a_word_stays_until_the_archive_has_it(
        self, desk: Desk, archive: Archive, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Given a database that is away / when the outbox is drained / I expect nothing lost, one
        try in a while, and everything written once it is back.
        """
        paid(desk)
        clock, tries = Clock(), []
        outbox = Outbox(desk.scripts.redis, archive, clock)

        def away() -> None:
            tries.append(clock.now)
            raise ArchiveUnavailable("it is away")

        with monkeypatch.context() as broken:
            broken.setattr(archive, "prepare", away)
            outbox.drain_quietly()
            outbox.drain_quietly()
        assert len(tries) == 1
        assert desk.scripts.redis.xlen(keys.OUTBOX) == 1

        clock.now += AGAIN_S
        outbox.drain_quietly()

        assert desk.scripts.redis.xlen(keys.OUTBOX) == 0
        assert desk.get("/usage").json()["total"]["jobs"] == 1

    def test_written_twice_is_written_once(self, desk: Desk, outbox: Outbox) -> None:
        """Given a process that died after it had written / when another drains the same
        / I expect the job once.
        """
        paid(desk)
        ((_, told),) = desk.scripts.redis.xrange(keys.OUTBOX)
        outbox.drain()
        desk.scripts.redis.xadd(keys.OUTBOX, told)
        outbox.drain()

        assert desk.get("/usage").json()["total"]["cost"] == 0.008

    def test_a_damaged_word_does_not_keep_the_others(self, desk: Desk, outbox: Outbox) -> None:
        desk.scripts.redis.xadd(keys.OUTBOX, {"id": "7"})
        paid(desk)
        ((_, told),) = desk.scripts.redis.xrange(keys.OUTBOX)[1:]
        desk.scripts.redis.xadd(keys.OUTBOX, told | {"id": "no-uuid"})

        assert outbox.drain() == 3
        assert desk.get("/usage").json()["total"]["jobs"] == 1

    def test_more_than_a_page_is_drained_at_once(self, desk: Desk, outbox: Outbox) -> None:
        paid(desk)
        ((_, told),) = desk.scripts.redis.xrange(keys.OUTBOX)
        for n in range(450):
            other = f"{told['id'][:-3]}{n:03x}"
            desk.scripts.redis.xadd(keys.OUTBOX, told | {"id": other})

        assert outbox.drain() == 451
