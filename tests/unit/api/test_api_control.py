"""Cancel, retry and delete."""

from typing import Any

import pytest

from tests.unit.api.desk import Desk

NOBODYS = "0190c1d2-0000-7000-8000-000000000000"


def running(desk: Desk) -> str:
    job_id = desk.made()
    desk.scripts.claim(job_id)
    return job_id


# --- cancel


def test_a_waiting_job_is_cancelled_at_once(desk: Desk) -> None:
    answer = desk.post(f"/jobs/{desk.made()}/cancel", {"reason": "changed my mind"})

    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["message"]) == ("cancelled", "Job cancelled")


def test_a_running_job_is_being_cancelled(desk: Desk) -> None:
    job_id = running(desk)

    answer = desk.post(f"/jobs/{job_id}/cancel")

    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["phase"]) == ("processing", "cancelling")
    assert desk.scripts.tick(job_id) == "now"


def test_the_call_that_runs_may_come_to_its_end(desk: Desk) -> None:
    job_id = running(desk)

    assert desk.post(f"/jobs/{job_id}/cancel?mode=after_current_call").status_code == 202
    assert desk.scripts.tick(job_id) == "after_current_call"


def test_cancelling_twice_is_cancelling_once(desk: Desk) -> None:
    waiting, job_id = desk.made(), running(desk)
    for path in (waiting, job_id):
        first = desk.post(f"/jobs/{path}/cancel")
        again = desk.post(f"/jobs/{path}/cancel")

        assert again.status_code == first.status_code
        assert again.json() == first.json()


@pytest.mark.parametrize("outcome", ["completed", "failed"])
def test_an_ended_job_cannot_be_cancelled(desk: Desk, outcome: str) -> None:
    answer = desk.post(f"/jobs/{desk.ended(outcome)}/cancel")

    assert (answer.status_code, answer.json()["code"]) == (409, "already-terminal")
    assert answer.json()["job"]["status"] == outcome


# --- retry


def test_a_failed_job_runs_again_under_its_id(desk: Desk) -> None:
    job_id = desk.ended("failed", error="no")
    desk.bell.rung.clear()

    answer = desk.post(f"/jobs/{job_id}/retry", {"expected_attempt": 1})

    job = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/jobs/{job_id}")
    assert (job["id"], job["status"], job["attempt"]) == (job_id, "pending", 2)
    assert (job["progress"], job["error"]) == (0, None)
    assert desk.bell.rung == [(job_id, 2)]


def test_a_cancelled_job_runs_again(desk: Desk) -> None:
    job_id = desk.made()
    desk.post(f"/jobs/{job_id}/cancel")

    assert desk.post(f"/jobs/{job_id}/retry").status_code == 202


def test_a_double_click_retries_once(desk: Desk) -> None:
    """Given two tabs that saw attempt 1 fail / when both retry, and it fails in between
    / I expect the second one to be told, with the job.
    """
    job_id = desk.ended("failed", error="no")
    desk.post(f"/jobs/{job_id}/retry", {"expected_attempt": 1})
    desk.scripts.claim(job_id, attempt=2)
    desk.scripts.finish(job_id, attempt=2, outcome="failed")

    answer = desk.post(f"/jobs/{job_id}/retry", {"expected_attempt": 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "stale-attempt")
    assert answer.json()["job"]["attempt"] == 2


def test_a_running_job_is_not_retried(desk: Desk) -> None:
    answer = desk.post(f"/jobs/{running(desk)}/retry")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-finished")


def test_a_completed_job_is_not_retried(desk: Desk) -> None:
    answer = desk.post(f"/jobs/{desk.ended()}/retry")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-retryable")


def test_a_call_of_unknown_outcome_is_bought_again_by_consent_only(desk: Desk) -> None:
    job_id = running(desk)
    call_id = desk.scripts.intent(job_id)[1]
    desk.scripts.settle(call_id, state="unknown")
    desk.scripts.finish(job_id, outcome="failed")

    refused = desk.post(f"/jobs/{job_id}/retry")
    agreed = desk.post(f"/jobs/{job_id}/retry", {"accept_duplicate_charge": True})

    assert (refused.status_code, refused.json()["code"]) == (428, "may-pay-again")
    assert refused.json()["call_id"] == call_id
    assert agreed.status_code == 202


# --- delete


def test_an_ended_job_is_erased(desk: Desk) -> None:
    job_id = desk.ended(result="[]")

    assert desk.client.delete(f"/jobs/{job_id}").status_code == 204

    assert desk.get(f"/jobs/{job_id}").status_code == 404
    assert not [key for key in desk.keys if key.startswith("job:")]
    assert desk.client.delete(f"/jobs/{job_id}").status_code == 404


def test_a_job_on_its_way_is_not_erased(desk: Desk) -> None:
    for job_id in (desk.made(), running(desk)):
        answer = desk.client.delete(f"/jobs/{job_id}")

        assert (answer.status_code, answer.json()["code"]) == (409, "not-finished")


def test_a_waiting_job_is_cancelled_and_erased(desk: Desk) -> None:
    job_id = desk.made()

    assert desk.client.delete(f"/jobs/{job_id}?cancel=true").status_code == 204
    assert desk.get(f"/jobs/{job_id}").status_code == 404


def test_a_running_job_is_cancelled_first(desk: Desk) -> None:
    job_id = running(desk)

    first = desk.client.delete(f"/jobs/{job_id}?cancel=true")
    desk.scripts.finish(job_id, outcome="cancelled")
    again = desk.client.delete(f"/jobs/{job_id}?cancel=true")

    assert (first.status_code, first.json()["phase"]) == (202, "cancelling")
    assert again.status_code == 204


# --- what all three have in common


@pytest.mark.parametrize("verb", ["cancel", "retry"])
@pytest.mark.parametrize("job_id", [NOBODYS, "x"])
def test_an_id_without_a_job_is_not_found(desk: Desk, verb: str, job_id: str) -> None:
    assert desk.post(f"/jobs/{job_id}/{verb}").status_code == 404
    assert desk.client.delete(f"/jobs/{job_id}").status_code == 404


MISFITS: list[tuple[str, Any, dict[str, str]]] = [
    ("cancel?mode=later", None, {"parameter": "mode"}),
    ("cancel", {"why": "x"}, {"pointer": "/why"}),
    ("cancel", {"reason": "a\u0000b"}, {"pointer": "/reason"}),
    ("cancel", {"reason": "x" * 501}, {"pointer": "/reason"}),
    ("cancel", [], {"pointer": ""}),
    ("retry", {"expected_attempt": "1"}, {"pointer": "/expected_attempt"}),
    ("retry", {"expected_attempt": 0}, {"pointer": "/expected_attempt"}),
    ("retry", {"accept_duplicate_charge": "yes"}, {"pointer": "/accept_duplicate_charge"}),
]


@pytest.mark.parametrize(("verb", "body", "place"), MISFITS)
def test_a_misfit_is_named_and_changes_nothing(
    desk: Desk, verb: str, body: Any, place: dict[str, str]
) -> None:
    job_id = desk.ended("failed") if verb == "retry" else desk.made()
    before = desk.scripts.record(job_id)

    answer = desk.post(f"/jobs/{job_id}/{verb}", body)

    assert answer.status_code == 400
    assert place.items() <= answer.json()["errors"][0].items()
    assert desk.scripts.record(job_id) == before


def test_a_body_without_its_type_is_refused(desk: Desk) -> None:
    answer = desk.client.post(f"/jobs/{desk.made()}/cancel", content=b"{}")

    assert answer.status_code == 415


def test_delete_takes_yes_or_no(desk: Desk) -> None:
    answer = desk.client.delete(f"/jobs/{desk.made()}?cancel=please")

    assert answer.json()["errors"][0]["parameter"] == "cancel"
