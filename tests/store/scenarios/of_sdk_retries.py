"""Retries of OpenAI's SDK without a key."""

from typing import Any
from unittest.mock import patch

from loresmith.api.services import sdk_retries
from loresmith.api.services.sdk_retries import SdkRetries
from tests.store.direct import DirectPipeline, result_of
from tests.store.driver import Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)

DIGEST = "cafe"


def choose(store: Store, retry: int, job_id: str = "a") -> str:
    pipeline: Any = DirectPipeline(store.redis)
    with patch.object(sdk_retries, "new_id", lambda: job_id):
        result_of(SdkRetries(pipeline).job_id(DIGEST, retry))
    return str(pipeline.reply[0])


def deliver(store: Store, job_id: str = "a") -> str:
    pipeline: Any = DirectPipeline(store.redis)
    result_of(SdkRetries(pipeline).delivered(DIGEST, job_id))
    return str(pipeline.reply[0])


@scenario("sdk_retries/choose", "new")
def a_first_request(store: Store) -> Act:
    return lambda: choose(store, 0)


@scenario("sdk_retries/choose", "late")
def a_first_request_after_its_retry(store: Store) -> Act:
    choose(store, 1)
    return lambda: choose(store, 0, "b")


@scenario("sdk_retries/choose", "known")
def a_retry_of_a_known_request(store: Store) -> Act:
    choose(store, 0)
    return lambda: choose(store, 1, "b")


@scenario("sdk_retries/note_delivery", "ok")
def an_answer_is_delivered(store: Store) -> Act:
    choose(store, 0)
    return lambda: deliver(store)


@scenario("sdk_retries/note_delivery", "unknown")
def an_answer_is_delivered_too_late(store: Store) -> Act:
    return lambda: deliver(store)
