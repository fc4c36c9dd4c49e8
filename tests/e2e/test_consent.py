"""A retry buys nothing in doubt without consent, whatever was killed with -9."""

from collections.abc import Iterator

import pytest

from tests.e2e.crash_stack import SLOW_THEME, CrashStack, crash_stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashStack]:
    with crash_stack(tmp_path_factory.mktemp("consent")) as system:
        yield system


@pytest.fixture
def system(running: CrashStack) -> Iterator[CrashStack]:
    yield running
    running.restore()


def submit(system: CrashStack, **options: object) -> str:
    payload = {"theme": SLOW_THEME, "count": 2}
    body = {"type": "generate_characters", "payload": payload, "options": options}
    status, job = system.post("/jobs", body)
    assert status == 202, job
    return str(job["id"])


def bills(system: CrashStack, job_id: str) -> dict[str, int]:
    return {call: n for call, n in system.bills().items() if call.startswith(job_id)}


def assert_consent_is_needed(system: CrashStack, job_id: str) -> None:
    attempt = system.job(job_id)["attempt"]
    status, problem = system.post(f"/jobs/{job_id}/retry", {})
    assert (status, problem["code"]) == (428, "duplicate-charge-possible")
    assert problem["plan"]["possibly_duplicate_charges"]
    assert "max" in problem["cost"]
    assert system.job(job_id)["attempt"] == attempt


def test_a_timeout_whose_lore_service_was_killed(system: CrashStack) -> None:
    """Given a job whose lore_service is killed during its call, and that fails by its timeout
    / I expect each retry to ask, and two purchases after one consent.
    """
    job_id = submit(system, timeout_s=2)
    wait_until(lambda: system.model_call(job_id)["billed"], "it is billed", every=0.02)
    system["lore"].kill()
    failed = system.wait_for(job_id, "failed")

    assert failed["error_detail"]["code"] == "timeout"
    assert "the 2 s that options.timeout_s allows" in failed["error"]
    assert_consent_is_needed(system, job_id)
    system.restart("lore")
    assert bills(system, job_id) == {f"{job_id}/generate/0": 1}

    assert system.post(f"/jobs/{job_id}/retry", {"accept_duplicate_charge": True})[0] == 202
    assert system.wait_for(job_id, "failed")["error_detail"]["code"] == "timeout"
    bought = bills(system, job_id)
    assert set(bought.values()) == {1}
    assert len(bought) <= 2
    assert_consent_is_needed(system, job_id)
    assert bills(system, job_id) == bought


def test_worker_and_lore_service_killed_together(system: CrashStack) -> None:
    """Given both killed during a call / when only a worker comes back, I expect the job to wait;
    when the lore_service does, to fail as unknown; and a retry to ask.
    """
    job_id = submit(system)
    wait_until(lambda: system.model_call(job_id)["billed"], "it is billed", every=0.02)
    system["worker"].kill()
    system["lore"].kill()
    system.restart("worker")
    wait_until(lambda: system.job(job_id)["phase"] == "waiting_provider", "it waits", timeout=30)
    assert system.job(job_id)["status"] == "processing"

    system.restart("lore")
    failed = system.wait_for(job_id, "failed")

    assert failed["error_detail"]["code"] == "llm_outcome_unknown"
    assert_consent_is_needed(system, job_id)
    assert bills(system, job_id) == {f"{job_id}/generate/0": 1}
    assert system.post(f"/jobs/{job_id}/retry", {"accept_duplicate_charge": True})[0] == 202
    system.wait_for(job_id, "completed")
    assert bills(system, job_id) == {f"{job_id}/generate/0": 1, f"{job_id}/generate/1": 1}
