"""GET /jobs/{id}, its version and its result."""

import pytest

from tests.unit.api.desk import Desk

NOBODYS = "0190c1d2-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "job_id", [NOBODYS, "x", "job:1", "0190c1d2", NOBODYS + "0", "%00", "%ff", "%0d%0aA:b", "{id}"]
)
@pytest.mark.parametrize("rest", ["", "/result"])
def test_an_id_without_a_job_is_not_found(desk: Desk, job_id: str, rest: str) -> None:
    answer = desk.get(f"/jobs/{job_id}{rest}")

    assert (answer.status_code, answer.json()["code"]) == (404, "job-not-found")


def test_a_hash_that_is_no_job_is_not_found(desk: Desk) -> None:
    desk.scripts.redis.hset(f"job:{NOBODYS}", "leftover", "1")

    assert desk.get(f"/jobs/{NOBODYS}").status_code == 404


def test_the_version_is_the_etag(desk: Desk) -> None:
    job_id = desk.made()
    assert desk.get(f"/jobs/{job_id}").headers["etag"] == '"1"'

    desk.scripts.claim(job_id)

    assert desk.get(f"/jobs/{job_id}").headers["etag"] == '"2"'


@pytest.mark.parametrize("known", ['"1"', 'W/"1"', '"0", "1"', "*"])
def test_who_has_the_version_gets_no_body(desk: Desk, known: str) -> None:
    answer = desk.get(f"/jobs/{desk.made()}", If_None_Match=known)

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"1"'


@pytest.mark.parametrize("known", ['"0"', "1", "", '"11"'])
def test_who_has_another_version_gets_the_job(desk: Desk, known: str) -> None:
    assert desk.get(f"/jobs/{desk.made()}", If_None_Match=known).status_code == 200


def test_the_hint_when_to_look_again(desk: Desk) -> None:
    """Given a job on its way / I expect 3 s, soon 1 s, and no hint after the end."""
    job_id = desk.made()
    path = f"/jobs/{job_id}"
    assert desk.get(path).headers["retry-after"] == "3"

    desk.scripts.claim(job_id)
    desk.scripts.tick(job_id, progress=75)
    assert desk.get(path).headers["retry-after"] == "1"

    desk.scripts.finish(job_id, result="[]")
    assert "retry-after" not in desk.get(path).headers


def test_a_running_job_shows_how_far_it_is(desk: Desk) -> None:
    job_id = desk.made()
    desk.scripts.claim(job_id)
    desk.scripts.tick(job_id, progress=67)

    job = desk.get(f"/jobs/{job_id}").json()

    assert (job["status"], job["progress"], job["phase"]) == ("processing", 67, "generating")
    assert job["message"] == "Generating characters..."
    assert job["started_at"].endswith("Z")
    assert job["result"] is None


def test_the_result_alone_is_the_stored_text(desk: Desk) -> None:
    """Given a result with what JSON libraries like to change / I expect it byte for byte."""
    stored = '[{"name":"Ž","n":9007199254740993,"empty":[]}]'
    job_id = desk.ended(result=stored)

    answer = desk.get(f"/jobs/{job_id}/result")

    assert answer.text == stored
    assert answer.headers["content-type"] == "application/json"


def test_a_result_that_is_not_there_yet(desk: Desk) -> None:
    answer = desk.get(f"/jobs/{desk.made()}/result")

    assert (answer.status_code, answer.json()["code"]) == (409, "not-finished")
    assert answer.headers["retry-after"] == "3"
    assert answer.json()["job"]["status"] == "pending"


def test_a_result_that_will_never_be_there(desk: Desk) -> None:
    job_id = desk.ended("failed", error="refused", partial_result="[1]")

    answer = desk.get(f"/jobs/{job_id}/result")

    assert (answer.status_code, answer.json()["code"]) == (409, "no-result")
    assert answer.json()["job"]["partial_result"] == [1]


def test_a_failed_job_says_why(desk: Desk) -> None:
    detail = '{"code":"timeout","message":"too long","retryable":true}'
    job_id = desk.ended("failed", error="too long", error_detail=detail)

    job = desk.get(f"/jobs/{job_id}").json()

    assert (job["status"], job["error"]) == ("failed", "too long")
    assert job["error_detail"]["code"] == "timeout"
    assert job["links"]["retry"] == f"/jobs/{job_id}/retry"
