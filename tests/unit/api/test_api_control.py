"""Cancel, retry and delete."""

from typing import Any

import pytest

from tests.unit.api.harness import ApiHarness

NOBODYS = "0190c1d2-0000-7000-8000-000000000000"


def running(api: ApiHarness) -> str:
    job_id = api.create()
    api.scripts.claim(job_id)
    return job_id


# --- cancel


def test_a_waiting_job_is_cancelled_at_once(api: ApiHarness) -> None:
    answer = api.post(f"/jobs/{api.create()}/cancel", {"reason": "changed my mind"})

    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["message"]) == ("cancelled", "Job cancelled")
    assert answer.json()["cancel_reason"] == "changed my mind"


def test_a_retried_job_is_no_longer_cancelled_for_a_reason(api: ApiHarness) -> None:
    job_id = api.create()
    api.post(f"/jobs/{job_id}/cancel", {"reason": "changed my mind"})

    assert api.post(f"/jobs/{job_id}/retry").json()["cancel_reason"] is None
    assert api.get("/jobs").json()["jobs"][0]["cancel_reason"] is None


def test_a_running_job_is_being_cancelled(api: ApiHarness) -> None:
    job_id = running(api)

    answer = api.post(f"/jobs/{job_id}/cancel")

    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["phase"]) == ("processing", "cancelling")
    assert api.scripts.report_progress(job_id) == "now"


def test_the_call_that_runs_may_come_to_its_end(api: ApiHarness) -> None:
    job_id = running(api)

    assert api.post(f"/jobs/{job_id}/cancel?mode=after_current_call").status_code == 202
    assert api.scripts.report_progress(job_id) == "after_current_call"


def test_cancelling_twice_is_cancelling_once(api: ApiHarness) -> None:
    waiting, job_id = api.create(), running(api)
    for path in (waiting, job_id):
        first = api.post(f"/jobs/{path}/cancel")
        again = api.post(f"/jobs/{path}/cancel")

        assert again.status_code == first.status_code
        moves_with_time = {"progress_detail": None, "eta_s": None}
        assert again.json() | moves_with_time == first.json() | moves_with_time


@pytest.mark.parametrize("outcome", ["completed", "failed"])
def test_an_ended_job_cannot_be_cancelled(api: ApiHarness, outcome: str) -> None:
    answer = api.post(f"/jobs/{api.create_ended(outcome)}/cancel")

    assert (answer.status_code, answer.json()["code"]) == (409, "already-terminal")
    assert answer.json()["job"]["status"] == outcome


@pytest.mark.parametrize(
    ("method", "path", "named"),
    [
        ("POST", "/cancel?mode=later", "mode"),
        ("POST", "/cancel?reason=x", "reason"),
        ("POST", "/retry?dry_run=perhaps", "dry_run"),
        ("POST", "/retry?dryrun=1", "dryrun"),
        ("DELETE", "?cancel=", "cancel"),
        ("DELETE", "?force=1", "force"),
    ],
)
def test_a_query_that_is_not_understood_changes_nothing(
    api: ApiHarness, method: str, path: str, named: str
) -> None:
    job_id = api.create_ended("failed")

    answer = api.client.request(method, f"/jobs/{job_id}{path}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == named
    assert api.scripts.record(job_id)["status"] == "failed"


# --- retry


def test_a_failed_job_runs_again_under_its_id(api: ApiHarness) -> None:
    job_id = api.create_ended("failed", error="no")
    api.notifier.notified.clear()

    answer = api.post(f"/jobs/{job_id}/retry", {"expected_attempt": 1})

    job = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/jobs/{job_id}")
    assert (job["id"], job["status"], job["attempt"]) == (job_id, "pending", 2)
    assert (job["progress"], job["error"]) == (0, None)
    assert api.notifier.notified == [(job_id, 2)]


def test_a_cancelled_job_runs_again(api: ApiHarness) -> None:
    job_id = api.create()
    api.post(f"/jobs/{job_id}/cancel")

    assert api.post(f"/jobs/{job_id}/retry").status_code == 202


def test_a_double_click_retries_once(api: ApiHarness) -> None:
    """Given two tabs that saw attempt 1 fail / when both retry, and it fails in between
    / I expect the second one to be told, with the job.
    """
    job_id = api.create_ended("failed", error="no")
    api.post(f"/jobs/{job_id}/retry", {"expected_attempt": 1})
    api.scripts.claim(job_id, attempt=2)
    api.scripts.finish(job_id, attempt=2, outcome="failed")

    answer = api.post(f"/jobs/{job_id}/retry", {"expected_attempt": 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "stale-attempt")
    assert answer.json()["job"]["attempt"] == 2


def test_a_running_job_is_not_retried(api: ApiHarness) -> None:
    answer = api.post(f"/jobs/{running(api)}/retry")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-finished")


def test_a_completed_job_is_not_retried(api: ApiHarness) -> None:
    answer = api.post(f"/jobs/{api.create_ended()}/retry")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-retryable")


def test_a_call_of_unknown_outcome_is_bought_again_by_consent_only(api: ApiHarness) -> None:
    job_id = running(api)
    call_id = api.scripts.intent(job_id).call_id
    api.scripts.settle(call_id, state="unknown")
    api.scripts.finish(job_id, outcome="failed")

    refused = api.post(f"/jobs/{job_id}/retry")
    agreed = api.post(f"/jobs/{job_id}/retry", {"accept_duplicate_charge": True})

    assert (refused.status_code, refused.json()["code"]) == (428, "duplicate-charge-possible")
    assert refused.json()["call_id"] == call_id
    assert agreed.status_code == 202


# --- delete


def test_an_ended_job_is_erased(api: ApiHarness) -> None:
    job_id = api.create_ended(result="[]")

    assert api.client.delete(f"/jobs/{job_id}").status_code == 204

    assert api.get(f"/jobs/{job_id}").status_code == 404
    assert not [key for key in api.keys if key.startswith("job:")]
    assert api.client.delete(f"/jobs/{job_id}").status_code == 404


def test_a_job_on_its_way_is_not_erased(api: ApiHarness) -> None:
    for job_id in (api.create(), running(api)):
        answer = api.client.delete(f"/jobs/{job_id}")

        assert (answer.status_code, answer.json()["code"]) == (409, "not-finished")


def test_a_waiting_job_is_cancelled_and_erased(api: ApiHarness) -> None:
    job_id = api.create()

    assert api.client.delete(f"/jobs/{job_id}?cancel=true").status_code == 204
    assert api.get(f"/jobs/{job_id}").status_code == 404


def test_a_running_job_is_cancelled_first(api: ApiHarness) -> None:
    job_id = running(api)

    first = api.client.delete(f"/jobs/{job_id}?cancel=true")
    api.scripts.finish(job_id, outcome="cancelled")
    again = api.client.delete(f"/jobs/{job_id}?cancel=true")

    assert (first.status_code, first.json()["phase"]) == (202, "cancelling")
    assert again.status_code == 204


# --- what all three have in common


@pytest.mark.parametrize("verb", ["cancel", "retry"])
@pytest.mark.parametrize("job_id", [NOBODYS, "x"])
def test_an_id_without_a_job_is_not_found(api: ApiHarness, verb: str, job_id: str) -> None:
    assert api.post(f"/jobs/{job_id}/{verb}").status_code == 404
    assert api.client.delete(f"/jobs/{job_id}").status_code == 404


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
def test_an_invalid_request_is_named_and_changes_nothing(
    api: ApiHarness, verb: str, body: Any, place: dict[str, str]
) -> None:
    job_id = api.create_ended("failed") if verb == "retry" else api.create()
    before = api.scripts.record(job_id)

    answer = api.post(f"/jobs/{job_id}/{verb}", body)

    assert answer.status_code == 400
    assert place.items() <= answer.json()["errors"][0].items()
    assert api.scripts.record(job_id) == before


def test_a_body_of_another_type_is_refused(api: ApiHarness) -> None:
    headers = {"Content-Type": "text/xml"}

    answer = api.client.post(f"/jobs/{api.create()}/cancel", content=b"{}", headers=headers)

    assert answer.status_code == 415


def test_delete_accepts_true_or_false(api: ApiHarness) -> None:
    answer = api.client.delete(f"/jobs/{api.create()}?cancel=please")

    assert answer.json()["errors"][0]["parameter"] == "cancel"
