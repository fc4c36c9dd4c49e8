"""Requests, responses, their headers, and what is read from them."""

import pytest

from loresmith.client.errors import AnswerUnreadable, ProblemError
from loresmith.client.models import ACTIVE, TICKS, Job
from loresmith.client.protocol import (
    json_body,
    key_header,
    parse,
    request,
    retry_after,
    retry_reason,
    to_problem,
)
from loresmith.jobs.core.status import ACTIVE as ACTIVE_STATUSES
from loresmith.jobs.core.status import Progress
from tests.unit.loresmith.client.network import START, UNREACHABLE, job, problem, response


def test_a_body_is_sent_as_json() -> None:
    sent = request("POST", "/jobs", {"theme": "Älv"}, {"idempotency-key": '"k"'})

    assert sent.body == b'{"theme": "\\u00c4lv"}'
    assert sent.headers == {"idempotency-key": '"k"', "content-type": "application/json"}


def test_a_number_that_json_does_not_have_is_rejected() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        request("POST", "/jobs", {"count": float("nan")})


@pytest.mark.parametrize(
    ("key", "header"),
    [("abcdefgh", '"abcdefgh"'), ('quote " and \\', '"quote \\" and \\\\"')],
)
def test_a_key_is_quoted(key: str, header: str) -> None:
    assert key_header(key) == header


@pytest.mark.parametrize("key", ["short", "x" * 256, "schlüssel", "line\nbreak", ""])
def test_an_invalid_key_is_rejected(key: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        key_header(key)


@pytest.mark.parametrize(
    ("value", "seconds"),
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
def test_retry_after_in_both_forms(value: str, seconds: float | None) -> None:
    """Given a header as seconds, as a date, or invalid / I expect seconds from now, or None."""
    assert START == 1_763_900_000.0, "which is 12:13:20 on that day"
    assert retry_after(response(503, retry_after=value), now=START) == seconds


def test_a_lost_response_has_no_retry_after() -> None:
    assert retry_after(UNREACHABLE, now=START) is None


@pytest.mark.parametrize(
    ("status", "retried"), [(200, False), (304, False), (400, False), (409, False), (422, False),
                            (429, True), (500, True), (502, True), (503, True)],
)  # fmt: skip
def test_which_statuses_are_retried(status: int, retried: bool) -> None:
    assert (retry_reason(response(status, {})) is not None) is retried


def test_a_problem_shows_its_members() -> None:
    errors = [{"pointer": "/payload/count", "detail": "must be at most 10"}]
    raised = to_problem(problem(400, "validation-error", errors=errors))

    assert (raised.status, raised.code, raised.retryable) == (400, "validation-error", False)
    assert raised.errors == errors
    assert str(raised) == "about validation-error (validation-error)"


def test_a_problem_shows_the_job() -> None:
    raised = to_problem(problem(409, "already-terminal", job=job("completed")))

    assert raised.job
    assert raised.job.completed


def test_the_error_page_of_a_proxy_is_a_problem_too() -> None:
    raised = to_problem(response(502, "<html>"))

    assert (raised.code, raised.detail, raised.retryable) == ("http-502", "HTTP 502", True)


def test_a_success_without_json_is_unreadable() -> None:
    with pytest.raises(AnswerUnreadable, match="Loresmith server"):
        json_body(response(200))
    with pytest.raises(ProblemError):
        json_body(response(404, {}))


def test_a_job_keeps_unknown_fields() -> None:
    read = Job.from_json(job(created_at="2026-01-10T12:00:00.500Z", invented=1))

    assert read.raw["invented"] == 1
    assert read.created_at
    assert read.created_at.timestamp() == 1768046400.5


@pytest.mark.parametrize("body", [None, [], {}, {"id": "x"}, job(created_at="yesterday")])
def test_an_invalid_job_is_unreadable(body: object) -> None:
    with pytest.raises(AnswerUnreadable, match="invalid Job"):
        parse(Job, body)


def test_only_simulated_progress_is_an_estimate() -> None:
    simulated = job(progress=41, progress_source="simulated")

    assert Job.from_json(simulated).estimated
    assert not Job.from_json(simulated | {"progress_source": "items"}).estimated
    assert not Job.from_json(simulated | {"progress": 20}).estimated, "a milestone is a fact"
    assert not Job.from_json(simulated | {"progress": 90}).estimated
    assert not Job.from_json(simulated | {"status": "failed"}).estimated


def test_the_constants_of_the_client_are_those_of_the_server() -> None:
    """The client imports nothing of ours, so it repeats two constants of jobs."""
    assert set(ACTIVE) == ACTIVE_STATUSES
    assert (TICKS.start - 1, TICKS.stop - 1) == (Progress.CALLING, Progress.LAST_TICK)
