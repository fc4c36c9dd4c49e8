"""Requests, answers and the words in their headers."""

import pytest

from loresmith.errors import AnswerUnreadable, ProblemError
from loresmith.job import Job
from loresmith.wire import ask, content, problem, quoted, retry_after, trouble
from tests.unit.loresmith.network import LOST, START, job, refusal, reply


def test_a_body_travels_as_json() -> None:
    sent = ask("POST", "/jobs", {"theme": "Älv"}, idempotency_key='"k"')

    assert sent.body == b'{"theme": "\\u00c4lv"}'
    assert sent.headers == {"idempotency-key": '"k"', "content-type": "application/json"}


def test_a_number_that_json_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        ask("POST", "/jobs", {"count": float("nan")})


@pytest.mark.parametrize(
    ("key", "header"),
    [("abcdefgh", '"abcdefgh"'), ('quote " and \\', '"quote \\" and \\\\"')],
)
def test_a_key_is_quoted(key: str, header: str) -> None:
    assert quoted(key) == header


@pytest.mark.parametrize("key", ["short", "x" * 256, "schlüssel", "line\nbreak", ""])
def test_a_key_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        quoted(key)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Sun, 23 Nov 2025 12:13:30 GMT", 10.0),
        ("Sun, 23 Nov 2025 12:13:10 GMT", 0.0),
        ("soon", None),
        ("-1", None),
        ("٧", None),
        ("", None),
    ],
)
def test_retry_after_in_both_forms(given: str, seconds: float | None) -> None:
    """Given a header as seconds, as a date, or as nonsense / I expect seconds from now, or None."""
    assert START == 1_763_900_000.0, "which is 12:13:20 on that day"
    assert retry_after(reply(503, retry_after=given), now=START) == seconds


def test_a_lost_answer_says_nothing_of_when() -> None:
    assert retry_after(LOST, now=START) is None


@pytest.mark.parametrize(
    ("status", "again"), [(200, False), (304, False), (400, False), (409, False), (422, False),
                          (429, True), (500, True), (502, True), (503, True)],
)  # fmt: skip
def test_which_answers_are_asked_for_again(status: int, again: bool) -> None:
    assert (trouble(reply(status, {})) is not None) is again


def test_a_refusal_shows_what_the_server_said() -> None:
    errors = [{"pointer": "/payload/count", "detail": "must be at most 10"}]
    refused = problem(refusal(400, "validation-error", errors=errors))

    assert (refused.status, refused.code, refused.retryable) == (400, "validation-error", False)
    assert refused.errors == errors
    assert str(refused) == "about validation-error (validation-error)"


def test_a_refusal_shows_the_job() -> None:
    refused = problem(refusal(409, "already-terminal", job=job("completed")))

    assert refused.job
    assert refused.job.completed


def test_a_page_of_a_proxy_is_a_problem_too() -> None:
    refused = problem(reply(502, "<html>"))

    assert (refused.code, refused.detail, refused.retryable) == ("http-502", "HTTP 502", True)


def test_a_page_where_json_is_due_is_no_answer() -> None:
    with pytest.raises(AnswerUnreadable, match="Loresmith server"):
        content(reply(200))
    with pytest.raises(ProblemError):
        content(reply(404, {}))


def test_a_job_keeps_what_this_client_does_not_know() -> None:
    read = Job.read(job(created_at="2026-01-10T12:00:00.500Z", invented=1))

    assert read.raw["invented"] == 1
    assert read.created_at
    assert read.created_at.timestamp() == 1768046400.5


@pytest.mark.parametrize("body", [None, [], {}, {"id": "x"}, job(created_at="yesterday")])
def test_what_is_no_job_is_not_read_as_one(body: object) -> None:
    with pytest.raises(AnswerUnreadable, match="job"):
        Job.read(body)


def test_an_estimate_is_called_one_only_while_it_is_one() -> None:
    ticking = job(progress=41, progress_source="simulated")

    assert Job.read(ticking).estimated
    assert not Job.read(ticking | {"progress_source": "items"}).estimated
    assert not Job.read(ticking | {"progress": 20}).estimated, "a rung is a fact"
    assert not Job.read(ticking | {"progress": 90}).estimated
    assert not Job.read(ticking | {"status": "failed"}).estimated
