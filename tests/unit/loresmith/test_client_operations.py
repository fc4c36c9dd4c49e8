"""What a client does when the network is good, bad, or gone."""

import json
from typing import Any

import pytest

from loresmith.errors import (
    JobCancelled,
    JobFailed,
    ProblemError,
    ServerUnreachable,
    StillRunning,
)
from loresmith.job import Job
from loresmith.patience import Trouble
from loresmith.wire import Ask
from tests.unit.loresmith.network import LOST, Network, job, refusal, reply


def sent(ask: Ask) -> Any:
    return json.loads(ask.body or b"null")


def test_submit_sends_what_was_asked_for_under_a_new_key() -> None:
    network = Network([reply(202, job("pending"))])

    made = network.hold(network.operations().submit("generate_relics", {"theme": "sea"}))

    (asked,) = network.asks
    assert (asked.method, asked.path) == ("POST", "/jobs")
    assert sent(asked) == {"type": "generate_relics", "payload": {"theme": "sea"}}
    assert len(asked.headers["idempotency-key"]) == 38, "a UUID in quotes"
    assert made.status == "pending"


def test_two_submits_are_two_intents() -> None:
    network = Network([reply(202, job())])
    operations = network.operations()
    for _ in range(2):
        network.hold(operations.submit("generate_relics", {}))

    first, second = (ask.headers["idempotency-key"] for ask in network.asks)

    assert first != second


def test_a_lost_answer_is_asked_for_again_with_the_same_key() -> None:
    """Given a server whose first two answers get lost
    / I expect the same request three times, and one job.
    """
    network = Network([LOST, reply(502, None), reply(200, job(reused=True))])

    made = network.hold(network.operations().submit("generate_relics", {"theme": "sea"}))

    assert made.reused
    assert len(network.asks) == 3
    assert len(set(map(repr, network.asks))) == 1


def test_a_key_of_the_callers_own_is_used() -> None:
    network = Network([reply(202, job())])
    network.hold(network.operations().submit("t", {}, key="order-4711"))

    assert network.asks[0].headers["idempotency-key"] == '"order-4711"'


def test_nobody_answers_for_as_long_as_patience_lasts() -> None:
    """Given no server / I expect growing pauses for 30 s, then an error that carries the key."""
    network = Network([LOST])

    with pytest.raises(ServerUnreachable, match="refused") as raised:
        network.hold(network.operations(patience_s=30).submit("t", {}, key="order-4711"))

    assert raised.value.key == "order-4711"
    assert network.pauses == [1, 2, 4, 8, 15]
    assert network.seconds == 30


def test_pauses_are_random_below_a_ceiling_of_thirty_seconds() -> None:
    network = Network([LOST])

    with pytest.raises(ServerUnreachable):
        network.hold(network.operations(patience_s=200, luck=0.5).get("j1"))

    assert network.pauses[:7] == [0.5, 1, 2, 4, 8, 15, 15]


def test_a_refusal_is_not_sent_again() -> None:
    network = Network([refusal(400, "validation-error")])

    with pytest.raises(ProblemError) as raised:
        network.hold(network.operations().submit("t", {}, key="order-4711"))

    assert len(network.asks) == 1
    assert raised.value.key == "order-4711"


@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_when_to_come_back(status: int) -> None:
    full = refusal(status, "temporary-reduced-capacity", {"retry-after": "4"})
    network = Network([full, reply(202, job())])

    network.hold(network.operations().submit("t", {}))

    assert network.pauses == [4]


def test_who_shall_come_back_tomorrow_gives_up_today() -> None:
    network = Network([refusal(429, "quota-exceeded", {"retry-after": "86400"})])

    with pytest.raises(ProblemError) as raised:
        network.hold(network.operations().submit("t", {}))

    assert raised.value.code == "quota-exceeded"
    assert network.pauses == []


def test_a_caller_is_told_of_trouble_and_of_its_end() -> None:
    network = Network([LOST, LOST, reply(200, job())])

    network.hold(network.operations().get("j1"))

    assert network.troubles == [
        Trouble("connection refused", 0, 1),
        Trouble("connection refused", 1, 2),
        None,
    ]


def test_wait_looks_until_the_job_is_completed() -> None:
    script = [
        reply(200, job("pending", 1), etag='"1"', retry_after="3"),
        reply(200, job("processing", 2), etag='"2"', retry_after="1"),
        reply(200, job("completed", 3, result=[1]), etag='"3"'),
    ]
    network, seen = Network([*script]), list[Job]()

    done = network.hold(network.operations().wait("j1", on_update=seen.append))

    assert done.result == [1]
    assert [job.version for job in seen] == [1, 2, 3]
    assert network.pauses == [3, 1], "as the server advised"


def test_wait_asks_for_changes_only() -> None:
    script = [
        reply(200, job(version=5), etag='"5"'),
        reply(304, etag='"5"'),
        reply(200, job("completed", 6)),
    ]
    network, seen = Network([*script]), list[Job]()

    network.hold(network.operations().wait("j1", on_update=seen.append))

    assert [ask.headers.get("if-none-match") for ask in network.asks] == [None, '"5"', '"5"']
    assert len(seen) == 2


def test_wait_looks_as_often_as_it_is_told() -> None:
    network = Network([reply(200, job(), retry_after="3"), reply(200, job("completed", 2))])

    network.hold(network.operations(poll_s=0.5).wait("j1"))

    assert network.pauses == [0.5]


def test_wait_has_a_pace_of_its_own() -> None:
    network = Network([reply(200, job()), reply(200, job("completed", 2))])

    network.hold(network.operations().wait("j1"))

    assert network.pauses == [3]


def test_an_old_answer_of_another_process_is_passed_over() -> None:
    script = [
        reply(200, job(version=5)),
        reply(200, job(version=4)),
        reply(200, job("completed", 6)),
    ]
    network, seen = Network([*script]), list[Job]()

    network.hold(network.operations().wait("j1", on_update=seen.append))

    assert [job.version for job in seen] == [5, 6]


def test_trouble_on_the_way_is_no_failure_of_the_job() -> None:
    """Given a server that goes away for ten minutes in the middle of a wait
    / I expect the wait to go on, and the job to be completed.
    """
    network = Network([reply(200, job()), *[LOST] * 25, reply(200, job("completed", 2))])

    assert network.hold(network.operations().wait("j1")).completed
    assert network.seconds > 600
    assert network.troubles[-1] is None


def test_a_job_that_was_never_seen_is_not_waited_for_for_ever() -> None:
    network = Network([LOST])

    with pytest.raises(ServerUnreachable):
        network.hold(network.operations(patience_s=5).wait("j1"))

    assert network.seconds == 5


def test_a_wait_ends_at_its_timeout_and_the_job_goes_on() -> None:
    network = Network([reply(200, job("processing", progress=41), retry_after="3")])

    with pytest.raises(StillRunning, match="41 %") as raised:
        network.hold(network.operations().wait("j1", timeout=10))

    assert network.seconds == 10
    assert raised.value.job.status == "processing"


@pytest.mark.parametrize("answer", [LOST, refusal(503, "x", {"retry-after": "60"})])
def test_a_wait_ends_at_its_timeout_also_while_the_server_is_away(answer: Any) -> None:
    network = Network([reply(200, job()), answer])

    with pytest.raises(StillRunning):
        network.hold(network.operations().wait("j1", timeout=10))

    assert network.seconds <= 10


def test_wait_ends_when_the_job_is_gone() -> None:
    network = Network([reply(200, job()), refusal(404, "job-not-found")])

    with pytest.raises(ProblemError) as raised:
        network.hold(network.operations().wait("j1"))

    assert raised.value.code == "job-not-found"


@pytest.mark.parametrize(
    ("status", "error"),
    [("failed", JobFailed), ("cancelled", JobCancelled), ("skipped", JobCancelled)],
)
def test_a_job_without_a_result_is_an_error_that_shows_it(
    status: str, error: type[JobFailed | JobCancelled]
) -> None:
    network = Network([reply(200, job(status, error="the model refused"))])

    with pytest.raises(error, match="the model refused") as raised:
        network.hold(network.operations().wait("j1"))

    assert raised.value.job.status == status


def test_retry_names_the_attempt_that_it_saw() -> None:
    network = Network([reply(200, job("failed", attempt=3)), reply(202, job("pending", attempt=4))])

    again = network.hold(network.operations().retry("j1"))

    assert sent(network.asks[1]) == {"expected_attempt": 3, "accept_duplicate_charge": False}
    assert again.attempt == 4


def test_a_retry_whose_answer_was_lost_was_a_retry() -> None:
    stale = refusal(409, "stale-attempt", job=job("pending", attempt=4))
    network = Network([LOST, stale])

    again = network.hold(network.operations().retry("j1", expected_attempt=3))

    assert again.attempt == 4


def test_a_retry_that_somebody_else_made_is_refused() -> None:
    network = Network([refusal(409, "stale-attempt", job=job("pending", attempt=4))])

    with pytest.raises(ProblemError):
        network.hold(network.operations().retry("j1", expected_attempt=3))


def test_cancel_says_why() -> None:
    network = Network([reply(202, job(phase="cancelling"))])

    network.hold(network.operations().cancel("j1", reason="too slow"))

    assert (network.asks[0].path, sent(network.asks[0])) == (
        "/jobs/j1/cancel",
        {"reason": "too slow"},
    )


def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    network = Network([reply(200, job())])

    network.hold(network.operations().get("../job-types?x"))

    assert network.asks[0].path == "/jobs/..%2Fjob-types%3Fx"


def test_delete_waits_until_the_job_has_stopped() -> None:
    network = Network([reply(202, job(phase="cancelling")), reply(204)])

    network.hold(network.operations().delete("j1", cancel=True))

    assert [ask.path for ask in network.asks] == ["/jobs/j1?cancel=true"] * 2
    assert network.pauses == [1]


def test_a_deletion_whose_answer_was_lost_was_a_deletion() -> None:
    network = Network([LOST, refusal(404, "job-not-found")])
    network.hold(network.operations().delete("j1"))

    network = Network([refusal(404, "job-not-found")])
    with pytest.raises(ProblemError):
        network.hold(network.operations().delete("j1"))


def test_worlds_are_read_page_by_page() -> None:
    pages = [
        reply(200, {"worlds": [{"id": "a"}, {"id": "b"}], "next_cursor": "c+1"}),
        reply(200, {"worlds": [{"id": "d"}], "next_cursor": None}),
    ]
    network = Network([*pages])

    worlds = network.hold(network.operations().worlds("me & you"))

    assert [world["id"] for world in worlds] == ["a", "b", "d"]
    assert network.asks[0].path == "/worlds?user_id=me+%26+you&limit=50"
    assert network.asks[1].path == "/worlds?user_id=me+%26+you&cursor=c%2B1&limit=48"


def test_job_types_are_read() -> None:
    entry = {
        "type": "t", "title": "T", "description": "", "expected_s": 30, "timeout_s": 90,
        "payload_schema": {}, "result_schema": {}, "steps": [], "example": None,
    }  # fmt: skip
    network = Network([reply(200, {"job_types": [entry]})])

    (found,) = network.hold(network.operations().types())

    assert (found.type, found.expected_s) == ("t", 30)
