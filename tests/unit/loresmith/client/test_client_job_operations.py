"""Submit, retry, cancel, delete and lists, over a network that works, fails or loses responses."""

import json
from typing import Any

import pytest

from loresmith.client import (
    catalogue_operations,
    cost_operations,
    job_operations,
    queue_operations,
)
from loresmith.client.errors import AnswerUnreadable, ProblemError, ServerUnreachable
from loresmith.client.protocol import HttpRequest
from loresmith.client.retry import Trouble
from tests.unit.loresmith.client.network import UNREACHABLE, Network, job, problem, response

SUBMIT = (job_operations.submit, "generate_relics", {"theme": "sea"})


def body_of(request: HttpRequest) -> Any:
    return json.loads(request.body or b"null")


def test_submit_sends_the_fields_under_a_new_key() -> None:
    network = Network([response(202, job("pending"))])

    submitted = network.run(*SUBMIT)

    (request,) = network.requests
    assert (request.method, request.path) == ("POST", "/jobs")
    assert body_of(request) == {"type": "generate_relics", "payload": {"theme": "sea"}}
    assert len(request.headers["idempotency-key"]) == 38, "a UUID in quotes"
    assert submitted.status == "pending"


def test_two_submits_have_different_keys() -> None:
    network = Network([response(202, job())])
    for _ in range(2):
        network.run(*SUBMIT)

    first, second = (request.headers["idempotency-key"] for request in network.requests)

    assert first != second


def test_a_lost_response_is_retried_with_the_same_key() -> None:
    """Given a server whose first two responses get lost
    / I expect the same request three times, and one job.
    """
    network = Network([UNREACHABLE, response(502), response(200, job(reused=True))])

    submitted = network.run(*SUBMIT)

    assert submitted.reused
    assert len(network.requests) == 3
    assert len(set(map(repr, network.requests))) == 1


def test_the_callers_key_is_used() -> None:
    network = Network([response(202, job())])

    network.run(*SUBMIT, key="order-4711")

    assert network.requests[0].headers["idempotency-key"] == '"order-4711"'


def test_retries_end_at_the_retry_timeout() -> None:
    """Given no server / I expect growing pauses for 30 s, then an error that carries the key."""
    network = Network([UNREACHABLE])

    with pytest.raises(ServerUnreachable, match="refused") as raised:
        network.run(*SUBMIT, key="order-4711", sender={"retry_timeout_s": 30})

    assert raised.value.key == "order-4711"
    assert network.pauses == [1, 2, 4, 8, 15]
    assert network.seconds == 30


def test_pauses_are_random_below_a_ceiling_of_thirty_seconds() -> None:
    network = Network([UNREACHABLE])

    with pytest.raises(ServerUnreachable):
        network.run(
            job_operations.get, "j1", sender={"retry_timeout_s": 200, "random": lambda: 0.5}
        )

    assert network.pauses[:7] == [0.5, 1, 2, 4, 8, 15, 15]


def test_a_rejected_request_is_not_retried() -> None:
    network = Network([problem(400, "validation-error")])

    with pytest.raises(ProblemError) as raised:
        network.run(*SUBMIT, key="order-4711")

    assert len(network.requests) == 1
    assert raised.value.key == "order-4711"


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_sets_the_pause(status: int) -> None:
    full = problem(status, "temporary-reduced-capacity", {"retry-after": "4"})
    network = Network([full, response(202, job())])

    network.run(*SUBMIT)

    assert network.pauses == [4]


def test_a_retry_after_beyond_the_timeout_is_not_waited_for() -> None:
    network = Network([problem(429, "quota-exceeded", {"retry-after": "86400"})])

    with pytest.raises(ProblemError) as raised:
        network.run(*SUBMIT)

    assert raised.value.code == "quota-exceeded"
    assert network.pauses == []


def test_on_trouble_is_called_before_each_retry_and_after_the_last() -> None:
    network = Network([UNREACHABLE, UNREACHABLE, response(200, job())])

    network.run(job_operations.get, "j1")

    assert network.troubles == [
        Trouble("connection refused", 0, 1),
        Trouble("connection refused", 1, 2),
        None,
    ]


def test_retry_names_the_attempt_that_it_saw() -> None:
    script = [response(200, job("failed", attempt=3)), response(202, job("pending", attempt=4))]
    network = Network([*script])

    retried = network.run(job_operations.retry, "j1")

    assert body_of(network.requests[1]) == {
        "expected_attempt": 3,
        "accept_duplicate_charge": False,
    }
    assert retried.attempt == 4


def test_a_retry_whose_response_was_lost_has_succeeded() -> None:
    stale = problem(409, "stale-attempt", job=job("pending", attempt=4))
    network = Network([UNREACHABLE, stale])

    retried = network.run(job_operations.retry, "j1", expected_attempt=3)

    assert retried.attempt == 4


def test_a_retry_of_another_caller_is_a_conflict() -> None:
    network = Network([problem(409, "stale-attempt", job=job("pending", attempt=4))])

    with pytest.raises(ProblemError):
        network.run(job_operations.retry, "j1", expected_attempt=3)


def test_cancel_sends_the_reason() -> None:
    network = Network([response(202, job(phase="cancelling"))])

    network.run(job_operations.cancel, "j1", reason="too slow")

    (request,) = network.requests
    assert (request.path, body_of(request)) == ("/jobs/j1/cancel", {"reason": "too slow"})


def test_an_id_is_escaped_in_the_path() -> None:
    network = Network([response(200, job())])

    network.run(job_operations.get, "../job-types?x")

    assert network.requests[0].path == "/jobs/..%2Fjob-types%3Fx"


def test_delete_waits_until_the_job_is_cancelled() -> None:
    network = Network([response(202, job(phase="cancelling")), response(204)])

    network.run(job_operations.delete, "j1", cancel=True)

    assert [request.path for request in network.requests] == ["/jobs/j1?cancel=true"] * 2
    assert network.pauses == [1]


@pytest.mark.parametrize(
    ("operation", "args"),
    [
        (job_operations.delete, ["j1"]),
        (cost_operations.delete_budget, ["user", "mira"]),
        (queue_operations.delete_pool_limits, ["gpt-9"]),
    ],
)
def test_a_deletion_whose_response_was_lost_has_succeeded(operation: Any, args: list[str]) -> None:
    """Given a 404 / I expect success after a lost response, and an error without one."""
    missing = problem(404, "not-found")
    Network([UNREACHABLE, missing]).run(operation, *args)

    with pytest.raises(ProblemError):
        Network([missing]).run(operation, *args)


def test_seen_of_a_missing_job_is_an_error() -> None:
    with pytest.raises(ProblemError):
        Network([problem(404, "job-not-found")]).run(job_operations.seen, "j1")


def test_worlds_are_listed_page_by_page() -> None:
    pages = [
        response(200, {"worlds": [{"id": "a"}, {"id": "b"}], "next_cursor": "c+1"}),
        response(200, {"worlds": [{"id": "d"}], "next_cursor": None}),
    ]
    network = Network([*pages])

    worlds = network.run(catalogue_operations.worlds, "me & you")

    assert [world["id"] for world in worlds] == ["a", "b", "d"]
    assert network.requests[0].path == "/worlds?user_id=me+%26+you&limit=50"
    assert network.requests[1].path == "/worlds?user_id=me+%26+you&limit=48&cursor=c%2B1"


def test_job_types_are_listed() -> None:
    entry = {
        "type": "t", "title": "T", "description": "", "expected_s": 30, "timeout_s": 90,
        "payload_schema": {}, "result_schema": {}, "steps": [], "example": None,
    }  # fmt: skip

    (job_type,) = Network([response(200, {"job_types": [entry]})]).run(catalogue_operations.types)

    assert (job_type.type, job_type.expected_s) == ("t", 30)


@pytest.mark.parametrize("body", [[], "text", None])
def test_a_body_that_is_no_object_is_unreadable(body: Any) -> None:
    network = Network([response(200, json.loads("null")) if body is None else response(200, body)])

    with pytest.raises(AnswerUnreadable):
        network.run(cost_operations.budgets)
