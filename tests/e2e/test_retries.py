"""Automatic retries, and consent to a possible second charge."""

from collections.abc import Iterator

import pytest

from tests.stack import Stack, request, stack
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("retries"), seconds=0.1) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults(system: Stack) -> Iterator[None]:
    yield
    request("DELETE", f"{system.offline_url}/faults")


def inject(system: Stack, **fault: object) -> None:
    status, response = request("PUT", f"{system.offline_url}/faults", fault)
    assert status == 200, response


def submit(system: Stack, theme: str, **options: object) -> str:
    body = {"type": "generate_relics", "payload": {"theme": theme}, "options": options}
    status, job = system.post("/jobs", body)
    assert status == 202, job
    return str(job["id"])


def test_a_rate_limited_provider_is_billed_once(system: Stack) -> None:
    """Given a provider that answers 429 three times / I expect one bill, and a completed job."""
    inject(system, fault="rate", times=3, match="limited", retry_after_s=0.1)

    job = system.wait_for(submit(system, "limited"))

    assert job["status"] == "completed", job
    assert [n for call, n in system.bills().items() if call.startswith(job["id"])] == [1]


def test_a_pause_beyond_the_deadline_fails_the_job(system: Stack) -> None:
    """Given a job of ten minutes, and a provider that asks for an hour / I expect a failure that
    says so, and no bill.
    """
    inject(system, fault="rate", match="never", retry_after_s=3600)

    job = system.wait_for(submit(system, "never", deadline_s=600, model="m-never"))

    assert job["status"] == "failed", job
    assert job["error_detail"]["code"] == "llm_unavailable"
    assert "asks to wait 1 hour; the job has 10 minutes left" in job["error"]
    assert not any(call.startswith(job["id"]) for call in system.bills())


def test_a_wait_is_visible_uses_up_no_attempt_and_can_be_cancelled(system: Stack) -> None:
    inject(system, fault="rate", match="later", retry_after_s=3600)
    job_id = submit(system, "later", max_attempts=1, model="m-later")

    waiting = wait_until(
        lambda: (job := system.job(job_id))["phase"] == "rate_limited" and job, "it waits"
    )
    assert waiting["status"] == "processing"
    assert waiting["next_try_at"] > waiting["updated_at"]
    assert (waiting["retries"], waiting["progress"]) == (0, 20)
    assert waiting["waiting"]["reason"] == "rate_limited"
    assert 3600 <= waiting["waiting"]["expected_start_in_s"] <= 1.25 * 3600 + 1
    assert waiting["message"].endswith(". Trying again soon...")

    assert system.post(f"/jobs/{job_id}/cancel", {})[0] == 200
    assert system.job(job_id)["status"] == "cancelled"


def test_an_exceeded_quota_is_not_retried(system: Stack) -> None:
    inject(system, fault="quota", match="broke")

    job = system.wait_for(submit(system, "broke", max_attempts=9))

    assert (job["status"], job["retries"]) == ("failed", 0)
    assert job["error_detail"]["code"] == "llm_quota"


def test_an_unknown_outcome_is_repeated_only_by_consent(system: Stack) -> None:
    """Given a connection that is cut / I expect a second call only with consent."""
    inject(system, fault="cut", times=1, match="fragile one")
    failed = system.wait_for(submit(system, "fragile one"))
    assert failed["error_detail"]["code"] == "llm_outcome_unknown"
    assert failed["status"] == "failed"

    status, problem = system.post(f"/jobs/{failed['id']}/retry", {})
    assert (status, problem["code"]) == (428, "duplicate-charge-possible")
    assert system.post(f"/jobs/{failed['id']}/retry", {"accept_duplicate_charge": True})[0] == 202
    assert system.wait_for(failed["id"])["status"] == "completed"

    inject(system, fault="cut", times=1, match="fragile two")
    retried = system.wait_for(submit(system, "fragile two", on_unknown="retry"))
    assert retried["status"] == "completed", retried
    assert retried["retries"] == 1


def test_a_deadline_fails_a_running_job(system: Stack) -> None:
    inject(system, fault="hang", match="forever")

    job = system.wait_for(submit(system, "forever", deadline_s=1.5))

    assert job["status"] == "failed"
    assert job["error_detail"]["code"] == "timeout"
