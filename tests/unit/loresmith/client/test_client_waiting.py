"""Waiting for a job: by polling, over a network that works, fails or is away for a while."""

from typing import Any

import pytest

from loresmith.client.errors import (
    JobCancelled,
    JobFailed,
    ProblemError,
    ServerUnreachable,
    StillRunning,
)
from loresmith.client.models import Job
from loresmith.client.waiting import wait
from tests.unit.loresmith.client.network import UNREACHABLE, Network, job, problem, response

RUNNING = response(200, job())
COMPLETED = response(200, job("completed", 2))


def versions(network: Network) -> list[int]:
    """Waits, and returns the versions of the job that on_update saw."""
    updates: list[Job] = []
    network.run(wait, "j1", on_update=updates.append)
    return [update.version for update in updates]


def test_wait_polls_until_the_job_is_completed() -> None:
    script = [
        response(200, job("pending", 1), etag='"1"', retry_after="3"),
        response(200, job("processing", 2), etag='"2"', retry_after="1"),
        response(200, job("completed", 3, result=[1]), etag='"3"'),
    ]
    network, updates = Network([*script]), list[Job]()

    completed = network.run(wait, "j1", on_update=updates.append)

    assert completed.result == [1]
    assert [update.version for update in updates] == [1, 2, 3]
    assert network.pauses == [3, 1], "as the server advised"


def test_wait_requests_changes_only() -> None:
    script = [
        response(200, job(version=5), etag='"5"'),
        response(304, etag='"5"'),
        response(200, job("completed", 6)),
    ]
    network = Network([*script])

    assert versions(network) == [5, 6]
    etags = [request.headers.get("if-none-match") for request in network.requests]
    assert etags == [None, '"5"', '"5"']


def test_an_older_response_is_ignored() -> None:
    script = [
        response(200, job(version=5)),
        response(200, job(version=4)),
        response(200, job("completed", 6)),
    ]

    assert versions(Network([*script])) == [5, 6]


def test_the_callers_poll_interval_wins() -> None:
    network = Network([response(200, job(), retry_after="3"), COMPLETED])

    network.run(wait, "j1", sender={"poll_interval_s": 0.5})

    assert network.pauses == [0.5]


def test_the_default_poll_interval() -> None:
    network = Network([RUNNING, COMPLETED])

    network.run(wait, "j1")

    assert network.pauses == [3]


def test_a_long_poll_is_repeated_at_once() -> None:
    """Given a server that waited for a change itself / I expect hardly a pause."""
    network = Network([response(200, job(), preference_applied="wait"), COMPLETED])

    network.run(wait, "j1")

    assert network.pauses == [0.1]


def test_a_network_error_is_no_failure_of_the_job() -> None:
    """Given a server that is away for ten minutes in the middle of a wait
    / I expect the wait to continue, and the job to be completed.
    """
    network = Network([RUNNING, *[UNREACHABLE] * 25, COMPLETED])

    assert network.run(wait, "j1").completed
    assert network.seconds > 600
    assert network.troubles[-1] is None


def test_a_job_that_was_never_found_is_waited_for_until_the_retry_timeout() -> None:
    network = Network([UNREACHABLE])

    with pytest.raises(ServerUnreachable):
        network.run(wait, "j1", sender={"retry_timeout_s": 5})

    assert network.seconds == 5


def test_a_wait_ends_at_its_timeout_and_the_job_keeps_running() -> None:
    network = Network([response(200, job("processing", progress=41), retry_after="3")])

    with pytest.raises(StillRunning, match="41 %") as raised:
        network.run(wait, "j1", timeout=10)

    assert network.seconds == 10
    assert raised.value.job.status == "processing"


@pytest.mark.parametrize("outage", [UNREACHABLE, problem(503, "x", {"retry-after": "60"})])
def test_a_wait_ends_at_its_timeout_also_during_an_outage(outage: Any) -> None:
    network = Network([RUNNING, outage])

    with pytest.raises(StillRunning):
        network.run(wait, "j1", timeout=10)

    assert network.seconds <= 10


def test_a_wait_ends_when_the_job_is_deleted() -> None:
    network = Network([RUNNING, problem(404, "job-not-found")])

    with pytest.raises(ProblemError) as raised:
        network.run(wait, "j1")

    assert raised.value.code == "job-not-found"


@pytest.mark.parametrize(
    ("status", "error"),
    [("failed", JobFailed), ("cancelled", JobCancelled), ("skipped", JobCancelled)],
)
def test_a_job_without_a_result_is_an_error(
    status: str, error: type[JobFailed | JobCancelled]
) -> None:
    network = Network([response(200, job(status, error="the model refused"))])

    with pytest.raises(error, match="the model refused") as raised:
        network.run(wait, "j1")

    assert raised.value.job.status == status
