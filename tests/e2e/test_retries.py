"""Automatic retries and consent, through every process."""

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


def have(system: Stack, **fault: object) -> None:
    status, answer = request("PUT", f"{system.offline_url}/faults", fault)
    assert status == 200, answer


def submit(system: Stack, theme: str, **options: object) -> str:
    body = {"type": "generate_relics", "payload": {"theme": theme}, "options": options}
    status, job = system.post("/jobs", body)
    assert status == 202, job
    return str(job["id"])


def test_a_provider_that_refuses_for_a_while_costs_nothing(system: Stack) -> None:
    """Given a provider that answers 429 three times / I expect one bill, and a completed job."""
    have(system, fault="rate", times=3, match="patience", retry_after_s=0.1)

    job = system.wait_for(submit(system, "patience"))

    assert job["status"] == "completed", job
    assert [n for call, n in system.bills().items() if call.startswith(job["id"])] == [1]


def test_exhausted_attempts_fail_and_say_why(system: Stack) -> None:
    """Given no more than one attempt, and a provider that asks for a pause beyond all patience."""
    have(system, fault="rate", match="never", retry_after_s=3600)

    job = system.wait_for(submit(system, "never", max_attempts=1))

    assert job["status"] == "failed", job
    assert job["error_detail"]["code"] == "llm_unavailable"
    assert not any(call.startswith(job["id"]) for call in system.bills())


def test_the_wait_is_visible_and_can_be_cancelled(system: Stack) -> None:
    have(system, fault="rate", match="later", retry_after_s=3600)
    job_id = submit(system, "later", max_attempts=3)

    waiting = wait_until(
        lambda: (job := system.job(job_id))["phase"] == "retry_wait" and job, "it waits"
    )
    assert waiting["status"] == "processing"
    assert waiting["next_try_at"] > waiting["updated_at"]
    assert waiting["retries"] == 1

    assert system.post(f"/jobs/{job_id}/cancel", {})[0] == 200
    assert system.job(job_id)["status"] == "cancelled"


def test_no_quota_is_not_tried_again(system: Stack) -> None:
    have(system, fault="quota", match="broke")

    job = system.wait_for(submit(system, "broke", max_attempts=9))

    assert (job["status"], job["retries"]) == ("failed", 0)
    assert job["error_detail"]["code"] == "llm_quota"


def test_a_lost_answer_is_bought_again_only_by_consent(system: Stack) -> None:
    """Given a connection that breaks in mid-answer / When the client asks, accepts, or agreed."""
    have(system, fault="cut", times=1, match="fragile one")
    asked = system.wait_for(submit(system, "fragile one"))
    assert asked["error_detail"]["code"] == "llm_outcome_unknown"
    assert asked["status"] == "failed"

    status, problem = system.post(f"/jobs/{asked['id']}/retry", {})
    assert (status, problem["code"]) == (428, "may-pay-again")
    assert system.post(f"/jobs/{asked['id']}/retry", {"accept_duplicate_charge": True})[0] == 202
    assert system.wait_for(asked["id"])["status"] == "completed"

    have(system, fault="cut", times=1, match="fragile two")
    agreed = system.wait_for(submit(system, "fragile two", on_unknown="retry"))
    assert agreed["status"] == "completed", agreed
    assert agreed["retries"] == 1


def test_a_deadline_ends_a_job_wherever_it_is(system: Stack) -> None:
    have(system, fault="hang", match="forever")

    job = system.wait_for(submit(system, "forever", deadline_s=1.5))

    assert job["status"] == "failed"
    assert job["error_detail"]["code"] == "timeout"
