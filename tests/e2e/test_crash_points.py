"""One test for each crash point: the process crashes there, and is restarted.

Each test waits for the crash, so a point that is no longer reached fails.
"""

from collections.abc import Iterator

import pytest

from tests.crash_hook import crash_at
from tests.crash_hook.sitecustomize import POINTS
from tests.e2e.crash_stack import MAX_WORKER_LOSSES, SLOW_THEME, CrashStack, crash_stack
from tests.stack import request
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

API = ("A3",)
WORKER = ("Q1", "W2", "W4", "W5", "W6")
LORE_SERVICE = ("L1", "L2", "L5", "L6")
BACKGROUND = ("L3", "L4")
"""Tested in tests/integration/test_lore_background.py."""
MODEL_LISTS = ("L7",)
"""Tested in tests/e2e/test_model_lists.py."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashStack]:
    with crash_stack(tmp_path_factory.mktemp("crashes")) as system:
        yield system


@pytest.fixture
def system(running: CrashStack) -> Iterator[CrashStack]:
    yield running
    running.restore()


def test_every_crash_point_has_a_test() -> None:
    assert set(POINTS) == {*API, *WORKER, *LORE_SERVICE, *BACKGROUND, *MODEL_LISTS}


# --- the api


def test_a3_a_job_stored_but_not_acknowledged(system: CrashStack) -> None:
    """Given an api that crashes before its 202 and before it enqueues / when the client repeats
    the request with its key / I expect the same job, run once, without a queue message.
    """
    body = {"type": "generate_characters", "payload": {"theme": "salt", "count": 2}}
    key = {"Idempotency-Key": "a-crash-at-A3"}
    system.crash_at("api", "A3")

    assert request("POST", f"{system.url}/jobs", body, key) == (0, None)
    system.wait_for_crash("api")
    stored = [name for name in system.redis.scan_iter("job:*") if name.count(":") == 1]
    system.restart("api")
    status, job = request("POST", f"{system.url}/jobs", body, key)

    assert (status, job["reused"]) == (200, True)
    assert f"job:{job['id']}" in stored
    assert system.wait_for(job["id"])["status"] == "completed"
    system.assert_paid_once(job["id"])
    names = [name for name in system.redis.scan_iter("job:*") if name.count(":") == 1]
    assert sorted(names) == sorted(stored)
    system.assert_clean()


# --- the worker


@pytest.mark.parametrize(
    ("point", "attempts", "requests_before"),
    [
        ("Q1", 1, 0),  # the message is gone, the job not claimed: the reconciler enqueues it again
        ("W2", 2, 0),  # claimed, no model call: the lease passes to the next worker
        ("W4", 2, 1),  # called, not checkpointed: the ledger replays the text
        ("W6", 1, 1),  # finished: only RQ's entry was left
    ],
)
def test_a_worker_crashes(
    system: CrashStack, point: str, attempts: int, requests_before: int
) -> None:
    """Given a worker that crashes at this point / when it is restarted / I expect the job
    completed at this attempt, its call paid once, and nothing left over.
    """
    system.crash_at("worker", point)
    job_id = system.submit(count=2)
    system.wait_for_crash("worker")
    assert system.model_call(job_id)["requests"] == requests_before
    record_before = system.record(job_id)
    system.restart("worker")

    job = system.wait_for(job_id)

    assert (job["status"], job["attempt"]) == ("completed", attempts)
    system.assert_paid_once(job_id)
    system.assert_clean()
    if point == "W6":
        assert system.record(job_id) == record_before


def test_w5_checkpointed_but_not_finished(system: CrashStack) -> None:
    """Given a worker that crashes with all its steps checkpointed / when it is restarted without
    a lore_service / I expect the job completed from the checkpoint.
    """
    system.crash_at("worker", "W5")
    job_id = system.submit(count=2)
    system.wait_for_crash("worker")
    system["lore"].stop()
    system.restart("worker")

    job = system.wait_for(job_id)

    assert (job["status"], job["attempt"]) == ("completed", 2)
    system.assert_paid_once(job_id)
    system.assert_clean()


def test_w3_a_worker_is_killed_during_its_call(system: CrashStack) -> None:
    """Given a running call / when its worker is killed and restarted / I expect the call to
    continue, and the next attempt to attach to it: one request.
    """
    job_id = system.submit(theme=SLOW_THEME, count=2)
    system.wait_for_text(job_id)
    system["worker"].kill()
    system.restart("worker")

    job = system.wait_for(job_id)

    assert (job["status"], job["attempt"]) == ("completed", 2)
    system.assert_paid_once(job_id)


def test_q6_a_job_that_crashes_its_workers(system: CrashStack) -> None:
    """Given a job that crashes each worker / I expect it to fail after the maximum of losses
    without a model call, and the next job to run.
    """
    system.crash_at("worker", "W2")
    job_id = system.submit(count=2)
    for _ in range(MAX_WORKER_LOSSES - 1):
        system.wait_for_crash("worker")
        system["worker"].start(**crash_at("W2"))
    system.wait_for_crash("worker")

    job = system.wait_for(job_id)

    assert (job["status"], job["error_detail"]["code"]) == ("failed", "worker_lost")
    assert job["attempt"] == MAX_WORKER_LOSSES
    assert system.model_call(job_id)["requests"] == 0
    system.restart("worker")
    assert system.wait_for(system.submit(count=2))["status"] == "completed"
    system.assert_clean()


def test_c2_cancelled_before_its_worker_is_killed(system: CrashStack) -> None:
    """Given a running call, and a paused worker that does not see the cancel / when it is killed
    / I expect the call stopped at the model nevertheless, and the job cancelled.
    """
    job_id = system.submit(theme=SLOW_THEME, count=2)
    system.wait_for_text(job_id)
    system["worker"].pause()
    assert system.post(f"/jobs/{job_id}/cancel", {})[0] == 202
    system["worker"].kill()

    wait_until(lambda: system.model_call(job_id)["outcome"] == "left", "the call is stopped")
    system.restart("worker")
    job = system.wait_for(job_id)

    assert (job["status"], job["attempt"]) == ("cancelled", 1)
    system.assert_paid_once(job_id)
    system.assert_clean()


# --- the lore_service


@pytest.mark.parametrize(("point", "billed"), [("L1", 0), ("L2", 1), ("L5", 1)])
def test_a_call_of_unknown_outcome(system: CrashStack, point: str, billed: int) -> None:
    """Given a lore_service that crashes while the outcome of its call is unknown / when it is
    restarted / I expect the job failed, and no second call without consent.
    """
    system.crash_at("lore", point)
    job_id = system.submit(count=2)
    system.wait_for_crash("lore")
    system.restart("lore")

    job = system.wait_for(job_id)

    assert (job["status"], job["error_detail"]["code"]) == ("failed", "llm_outcome_unknown")
    assert system.model_call(job_id)["billed"] == billed
    assert system.redis.hget(f"call:{job_id}/generate/0", "state") == "unknown"
    system.assert_clean()

    assert system.post(f"/jobs/{job_id}/retry", {})[0] == 428
    status, _ = system.post(f"/jobs/{job_id}/retry", {"accept_duplicate_charge": True})
    assert status == 202
    assert system.wait_for(job_id, "completed")["attempt"] > job["attempt"]
    assert system.model_call(job_id)["billed"] == billed
    assert system.model_call(job_id, generation=1)["billed"] == 1


def test_l6_the_result_is_stored_but_not_sent(system: CrashStack) -> None:
    """Given a lore_service that crashes after it stored a result / when it is restarted / I expect
    the job completed with that result, and one request.
    """
    system.crash_at("lore", "L6")
    job_id = system.submit(count=2)
    system.wait_for_crash("lore")
    system.restart("lore")

    assert system.wait_for(job_id)["status"] == "completed"
    system.assert_paid_once(job_id)
    system.assert_clean()
