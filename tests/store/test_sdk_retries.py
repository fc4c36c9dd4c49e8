"""A request that OpenAI's SDK sends again is the same job."""

from dataclasses import replace
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest

from loresmith.api.services import sdk_retries
from loresmith.api.services.sdk_retries import SdkRetries, digest_of
from loresmith.jobs.core.principal import LOCAL
from loresmith.jobs.store import keys
from tests.store.direct import DirectPipeline, result_of
from tests.store.driver import Store

MINUTE_MS = 60_000


class Requests:
    """Requests of one body; new jobs are 1, 2, 3 …"""

    def __init__(self, store: Store) -> None:
        pipeline: Any = DirectPipeline(store.redis)
        self._retries = SdkRetries(pipeline)
        self._redis = store.redis
        self._ids = count(1)

    def send(self, retry: int = 0) -> str:
        with patch.object(sdk_retries, "new_id", lambda: str(next(self._ids))):
            return result_of(self._retries.job_id("cafe", retry))

    def deliver(self, job_id: str) -> None:
        result_of(self._retries.delivered("cafe", job_id))

    def age(self, job_id: str, ms: float) -> None:
        """Lets a request be older."""
        score = self.scores()[job_id]
        change = -ms if score > 0 else ms
        self._redis.zincrby(keys.sdk_retries("cafe"), change, job_id)

    def scores(self) -> dict[str, float]:
        return dict(self._redis.zrange(keys.sdk_retries("cafe"), 0, -1, withscores=True))


@pytest.fixture
def requests(store: Store) -> Requests:
    return Requests(store)


def test_two_first_requests_are_two_jobs(requests: Requests) -> None:
    """Given two samples of one prompt / I expect two jobs, although the bodies are equal."""
    assert (requests.send(), requests.send()) == ("1", "2")


@pytest.mark.parametrize("retry", [1, 2])
def test_a_retry_is_the_job_of_its_request(requests: Requests, retry: int) -> None:
    requests.send()

    assert requests.send(retry) == "1"


def test_a_retry_means_the_oldest_answer_that_was_not_delivered(requests: Requests) -> None:
    """Given three samples, the first delivered on two connections / I expect the second."""
    for number in range(3):
        requests.age(requests.send(), 3 - number)
    requests.deliver("1")
    requests.deliver("1")

    assert requests.send(1) == "2"
    requests.deliver("2")
    assert requests.send(1) == "3"


def test_the_retries_of_several_samples_are_different_jobs(requests: Requests) -> None:
    """Given three samples whose connections break at once / I expect each to be answered."""
    for number in range(3):
        requests.age(requests.send(), 3 - number)

    assert [requests.send(1) for _ in range(3)] == ["1", "2", "3"]


def test_a_retry_after_delivery_is_the_last_delivered_job(requests: Requests) -> None:
    """Given two answers that left the server and never arrived / I expect no third job, and only
    the last to be remembered.
    """
    requests.send()
    requests.send()
    requests.deliver("1")
    requests.age("1", 1)
    requests.deliver("2")

    assert list(requests.scores()) == ["2"]
    assert requests.send(1) == "2"
    requests.deliver("2")
    assert requests.send(2) == "2"


def test_the_delivery_of_a_forgotten_job_is_not_noted(requests: Requests) -> None:
    requests.deliver("9")

    assert requests.scores() == {}


def test_a_first_request_that_comes_late_is_the_job_of_its_retry(requests: Requests) -> None:
    """Given a retry that came first / I expect one late request to join it, and no second."""
    assert requests.send(1) == "1"

    assert requests.send() == "1"
    assert requests.send() == "3"


def test_a_retry_after_the_default_timeout_of_the_sdk_finds_its_job(requests: Requests) -> None:
    """Given a request that lasts, and a client that waits 10 minutes for each try / I expect the
    second and the third to find its job.
    """
    requests.age(requests.send(), 11 * MINUTE_MS)
    assert requests.send(1) == "1"
    requests.age("1", 115 * MINUTE_MS)
    assert requests.send(2) == "1"


def test_requests_are_forgotten(requests: Requests, store: Store) -> None:
    """I expect two hours after the last request, and 15 minutes after the delivery."""
    for job_id in (requests.send(), requests.send()):
        requests.age(job_id, 120 * MINUTE_MS)
    requests.send()
    assert 15 * MINUTE_MS < store.redis.pttl(keys.sdk_retries("cafe")) <= 120 * MINUTE_MS
    requests.deliver("3")
    assert 0 < store.redis.pttl(keys.sdk_retries("cafe")) <= 15 * MINUTE_MS
    requests.age("3", 15 * MINUTE_MS)

    assert requests.send(1) == "4"
    store.redis.pexpire(keys.sdk_retries("cafe"), MINUTE_MS)
    assert requests.send(1) == "4"
    assert 15 * MINUTE_MS < store.redis.pttl(keys.sdk_retries("cafe")) <= 120 * MINUTE_MS
    assert 0 < store.redis.pttl(keys.sdk_retry_job("cafe")) <= MINUTE_MS


def test_the_keys_of_a_user_are_one_purchaser() -> None:
    """Given two keys of a user, and one of another / I expect a retry with the second key to be
    the request of the first, as an Idempotency-Key is.
    """
    first, second = replace(LOCAL, id="key:1"), replace(LOCAL, id="key:2")
    other = replace(LOCAL, id="key:3", user_id="bob")
    digests = [digest_of(each, "POST /v1/x", b"{}") for each in (first, second, other)]

    assert digests[0] == digests[1] != digests[2]
