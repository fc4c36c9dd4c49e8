"""One test for each named place where a process can die: it dies there, and is started again.

Each waits for the death itself, so a place that is no longer reached fails its test.
"""

import re
from collections.abc import Iterator

import pytest

from tests.e2e.crashing import MOST_LOST, SLOW, Crashing, crashing
from tests.stack import ROOT, request
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

API = ("A3",)
WORKER = ("Q1", "W2", "W4", "W5", "W6")
LORE_SERVICE = ("L1", "L2", "L5", "L6")
BACKGROUND = ("L3", "L4")
"""Died at in tests/integration/test_lore_background.py."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crashing]:
    with crashing(tmp_path_factory.mktemp("crashes")) as system:
        yield system


@pytest.fixture
def system(running: Crashing) -> Iterator[Crashing]:
    yield running
    running.settle()


def test_every_place_in_the_code_has_its_test() -> None:
    """Given the places that the code names / I expect those that are tested here, and no other."""
    files = [file for part in ("api", "worker", "lore_service") for file in part_files(part)]
    named = {name for file in files for name in re.findall(r'crashpoint\("(\w+)"\)', file)}
    assert named == {*API, *WORKER, *LORE_SERVICE, *BACKGROUND}


def part_files(part: str) -> Iterator[str]:
    return (file.read_text() for file in (ROOT / part).rglob("*.py"))


# --- the api


def test_a3_a_job_made_and_nobody_told(system: Crashing) -> None:
    """Given an api that dies before its 202 and before it rings / when the client posts the same
    key again / I expect the same job, run once, though nobody rang for it.
    """
    body = {"type": "generate_characters", "payload": {"theme": "salt", "count": 2}}
    key = {"Idempotency-Key": "a-crash-at-A3"}
    system.crash_at("api", "A3")

    assert request("POST", f"{system.url}/jobs", body, key) == (0, None)
    system.died("api")
    made = [name for name in system.redis.scan_iter("job:*") if name.count(":") == 1]
    system.again("api")
    status, job = request("POST", f"{system.url}/jobs", body, key)

    assert (status, job["reused"]) == (200, True)
    assert f"job:{job['id']}" in made
    assert system.wait_for(job["id"])["status"] == "completed"
    system.paid_once(job["id"])
    names = [name for name in system.redis.scan_iter("job:*") if name.count(":") == 1]
    assert sorted(names) == sorted(made)
    system.nothing_left()


# --- the worker


@pytest.mark.parametrize(
    ("point", "attempts", "asked_before"),
    [
        ("Q1", 1, 0),  # the entry is gone, the job was never claimed: the due index rings again
        ("W2", 2, 0),  # claimed and nothing bought: the lease passes to the next worker
        ("W4", 2, 1),  # bought, not checkpointed: the ledger replays the text
        ("W6", 1, 1),  # finished: RQ's entry is all that was left
    ],
)
def test_a_worker_dies(system: Crashing, point: str, attempts: int, asked_before: int) -> None:
    """Given a worker that dies at this place / when it is back / I expect the job completed, by
    so many attempts, its call paid once, and nothing left over.
    """
    system.crash_at("worker", point)
    job_id = system.submit(count=2)
    system.died("worker")
    assert system.call(job_id)["requests"] == asked_before
    left_behind = system.record(job_id)
    system.again("worker")

    job = system.wait_for(job_id)

    assert (job["status"], job["attempt"]) == ("completed", attempts)
    system.paid_once(job_id)
    system.nothing_left()
    if point == "W6":
        assert system.record(job_id) == left_behind


def test_w5_checkpointed_and_not_finished(system: Crashing) -> None:
    """Given a worker that dies with all its steps checkpointed / when it is back and there is no
    lore_service / I expect the job completed out of the checkpoint.
    """
    system.crash_at("worker", "W5")
    job_id = system.submit(count=2)
    system.died("worker")
    system["lore"].stop()
    system.again("worker")

    job = system.wait_for(job_id)

    assert (job["status"], job["attempt"]) == ("completed", 2)
    system.paid_once(job_id)
    system.nothing_left()


def test_w3_a_worker_dies_in_its_call(system: Crashing) -> None:
    """Given a call in its middle / when its worker is killed and comes back / I expect the call to
    have gone on, and the next attempt to join it: one request.
    """
    job_id = system.submit(theme=SLOW, count=2)
    system.in_its_call(job_id)
    system["worker"].kill()
    system.again("worker")

    job = system.wait_for(job_id)

    assert (job["status"], job["attempt"]) == ("completed", 2)
    system.paid_once(job_id)


def test_q6_a_job_that_kills_its_workers(system: Crashing) -> None:
    """Given a job whose every worker dies / I expect it failed after so many of them, nothing
    bought, and the next job to run.
    """
    system.crash_at("worker", "W2")
    job_id = system.submit(count=2)
    for _ in range(MOST_LOST - 1):
        system.died("worker")
        system["worker"].start(LORESMITH_CRASH_AT="W2")
    system.died("worker")

    job = system.wait_for(job_id)

    assert (job["status"], job["error_detail"]["code"]) == ("failed", "worker_lost")
    assert job["attempt"] == MOST_LOST
    assert system.call(job_id)["requests"] == 0
    system.again("worker")
    assert system.wait_for(system.submit(count=2))["status"] == "completed"
    system.nothing_left()


def test_c2_cancelled_and_then_its_worker_dies(system: Crashing) -> None:
    """Given a call in its middle, and a worker that does not hear the cancel any more / when it
    dies / I expect the call stopped at the model all the same, and the job cancelled for good.
    """
    job_id = system.submit(theme=SLOW, count=2)
    system.in_its_call(job_id)
    system["worker"].pause()
    assert system.post(f"/jobs/{job_id}/cancel", {})[0] == 202
    system["worker"].kill()

    wait_until(lambda: system.call(job_id)["outcome"] == "left", "the call is stopped")
    system.again("worker")
    job = system.wait_for(job_id)

    assert (job["status"], job["attempt"]) == ("cancelled", 1)
    system.paid_once(job_id)
    system.nothing_left()


# --- the lore_service


@pytest.mark.parametrize(("point", "billed"), [("L1", 0), ("L2", 1), ("L5", 1)])
def test_a_call_of_unknown_outcome(system: Crashing, point: str, billed: int) -> None:
    """Given a lore_service that dies where nobody can know whether it bought / when it is back / I
    expect the job failed and nothing bought again, until a person consents.
    """
    system.crash_at("lore", point)
    job_id = system.submit(count=2)
    system.died("lore")
    system.again("lore")

    job = system.wait_for(job_id)

    assert (job["status"], job["error_detail"]["code"]) == ("failed", "llm_outcome_unknown")
    assert system.call(job_id)["billed"] == billed
    assert system.redis.hget(f"call:{job_id}/generate/0", "state") == "unknown"
    system.nothing_left()

    assert system.post(f"/jobs/{job_id}/retry", {})[0] == 428
    status, _ = system.post(f"/jobs/{job_id}/retry", {"accept_duplicate_charge": True})
    assert status == 202
    assert system.wait_for(job_id, "completed")["attempt"] > job["attempt"]
    assert system.call(job_id)["billed"] == billed
    assert system.call(job_id, generation=1)["billed"] == 1


def test_l6_the_result_is_stored_and_nobody_told(system: Crashing) -> None:
    """Given a lore_service that dies when it has stored a result / when it is back / I expect the
    job completed with it, and one request.
    """
    system.crash_at("lore", "L6")
    job_id = system.submit(count=2)
    system.died("lore")
    system.again("lore")

    assert system.wait_for(job_id)["status"] == "completed"
    system.paid_once(job_id)
    system.nothing_left()
