"""GET /jobs/{id}, its version and its result."""

import pytest

from tests.unit.api.harness import ApiHarness

NOBODYS = "0190c1d2-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "job_id", [NOBODYS, "x", "job:1", "0190c1d2", NOBODYS + "0", "%00", "%ff", "%0d%0aA:b", "{id}"]
)
@pytest.mark.parametrize("rest", ["", "/result"])
def test_an_id_without_a_job_is_not_found(api: ApiHarness, job_id: str, rest: str) -> None:
    answer = api.get(f"/jobs/{job_id}{rest}")

    assert (answer.status_code, answer.json()["code"]) == (404, "job-not-found")


def test_a_hash_that_is_no_job_is_not_found(api: ApiHarness) -> None:
    api.scripts.redis.hset(f"job:{NOBODYS}", "leftover", "1")

    assert api.get(f"/jobs/{NOBODYS}").status_code == 404


def test_the_version_is_the_etag(api: ApiHarness) -> None:
    job_id = api.create()
    assert api.get(f"/jobs/{job_id}").headers["etag"] == '"1"'

    api.scripts.claim(job_id)

    assert api.get(f"/jobs/{job_id}").headers["etag"] == '"2"'


@pytest.mark.parametrize("known", ['"1"', 'W/"1"', '"0", "1"', "*"])
def test_who_has_the_version_gets_no_body(api: ApiHarness, known: str) -> None:
    answer = api.get(f"/jobs/{api.create()}", If_None_Match=known)

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"1"'


@pytest.mark.parametrize("known", ['"0"', "1", "", '"11"'])
def test_who_has_another_version_gets_the_job(api: ApiHarness, known: str) -> None:
    assert api.get(f"/jobs/{api.create()}", If_None_Match=known).status_code == 200


def test_the_hint_when_to_look_again(api: ApiHarness) -> None:
    """Given a job on its way / I expect 3 s, soon 1 s, and no hint after the end."""
    job_id = api.create()
    path = f"/jobs/{job_id}"
    assert api.get(path).headers["retry-after"] == "3"

    api.scripts.claim(job_id)
    api.scripts.report_progress(job_id, progress=75)
    assert api.get(path).headers["retry-after"] == "1"

    api.scripts.finish(job_id, result="[]")
    assert "retry-after" not in api.get(path).headers


def test_a_running_job_shows_how_far_it_is(api: ApiHarness) -> None:
    job_id = api.create()
    api.scripts.claim(job_id)
    api.scripts.report_progress(job_id, progress=67)

    job = api.get(f"/jobs/{job_id}").json()

    assert (job["status"], job["progress"], job["phase"]) == ("processing", 67, "generating")
    assert job["message"] == "Generating characters..."
    assert job["started_at"].endswith("Z")
    assert job["result"] is None


def test_the_result_alone_is_the_stored_text(api: ApiHarness) -> None:
    """Given a result with what JSON libraries like to change / I expect it byte for byte."""
    stored = '[{"name":"Ž","n":9007199254740993,"empty":[]}]'
    job_id = api.create_ended(result=stored)

    answer = api.get(f"/jobs/{job_id}/result")

    assert answer.text == stored
    assert answer.headers["content-type"] == "application/json"


def test_a_result_that_is_not_there_yet(api: ApiHarness) -> None:
    answer = api.get(f"/jobs/{api.create()}/result")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-finished")
    assert answer.headers["retry-after"] == "3"
    assert answer.json()["job"]["status"] == "pending"


def test_a_result_that_will_never_be_there(api: ApiHarness) -> None:
    job_id = api.create_ended("failed", error="refused", partial_result="[1]")

    answer = api.get(f"/jobs/{job_id}/result")

    assert (answer.status_code, answer.json()["code"]) == (409, "no-result")
    assert answer.json()["job"]["partial_result"] == [1]


def test_a_failed_job_says_why(api: ApiHarness) -> None:
    detail = '{"code":"timeout","message":"too long","retryable":true}'
    job_id = api.create_ended("failed", error="too long", error_detail=detail)

    job = api.get(f"/jobs/{job_id}").json()

    assert (job["status"], job["error"]) == ("failed", "too long")
    assert job["error_detail"]["code"] == "timeout"
    assert job["links"]["retry"] == f"/jobs/{job_id}/retry"
