"""An autoscaler, a pause and a drained worker, with real processes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

SLOTS = 5
"""Of each worker."""


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Stack]:
    """A stack whose two workers are not started yet."""
    stack = Stack(
        tmp_path, seconds=1.5, workers_wanted=2, env={"LORESMITH_CONCURRENCY": str(SLOTS)}
    )
    try:
        stack.redis_server.start()
        for name in ("offline", "lore", "api"):
            stack[name].start()
            stack[name].wait()
        yield stack
    finally:
        stack.stop()


def queue(system: Stack) -> dict[str, Any]:
    status, body = system.get("/queue")
    assert status == 200, body
    return dict(body)


def workers_of(system: Stack, number: int) -> list[dict[str, Any]]:
    """Returns the workers once one of them runs so many jobs."""

    def busy() -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = system.get("/workers")[1]["workers"]
        return rows if any(len(row["jobs"]) == number for row in rows) else []

    return wait_until(busy, f"a worker runs {number} jobs") or []


def test_workers_scale_from_zero_and_back(system: Stack) -> None:
    """Given eight jobs and no worker with five slots / I expect two workers wanted, all jobs done
    once they run, and none wanted then.
    """
    assert queue(system)["wanted_workers"] == 0
    job_ids = [system.submit() for _ in range(8)]

    assert queue(system)["wanted_workers"] == 2
    for name in ("worker", "worker2"):
        system[name].start()
    for job_id in job_ids:
        assert system.wait_for(job_id)["status"] == "completed"

    wait_until(lambda: queue(system)["wanted_workers"] == 0, "no worker is wanted")
    assert sum(worker["slots"] for worker in queue(system)["workers"]) == 2 * SLOTS


def test_a_pause_holds_jobs_back_until_it_ends(system: Stack) -> None:
    """Given a worker and a paused queue / I expect an accepted job to say so, no worker wanted,
    and it to run once the queue is resumed.
    """
    system["worker"].start()
    system["worker"].wait()
    system.post("/queue/pause", {"scope": "all", "reason": "moving"})
    job_id = system.submit()

    assert system.job(job_id)["waiting"]["reason"] == "paused"
    assert (queue(system)["waiting"], queue(system)["wanted_workers"]) == (1, 0)
    system.post("/queue/resume", {"scope": "all"})
    assert system.wait_for(job_id)["status"] == "completed"


def test_a_drained_worker_finishes_its_job_and_stops(system: Stack) -> None:
    system["worker"].start()
    job_id = system.submit()
    (worker,) = workers_of(system, 1)
    assert worker["jobs"][0]["id"] == job_id
    wait_until(lambda: queue(system)["workers"][0]["slots"] == SLOTS, "the worker counts its slots")

    status, _ = system.post(f"/workers/{worker['name']}/drain", None)

    assert status == 202
    process = system["worker"].process
    assert process
    assert process.wait(20) == 0
    assert system.job(job_id)["status"] == "completed"
    assert system.get("/workers")[1] == {"workers": []}
