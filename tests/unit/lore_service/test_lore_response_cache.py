"""Which responses are cached, and how a cached one is used."""

import pytest

from loresmith.lore_service.calls.call_log import TextStarted
from loresmith.lore_service.ledger.ledger import IntentReply
from loresmith.protos.lore.v1 import lore_pb2 as pb
from tests.unit.lore_service.harness import CALL_ID, VALID_TEXT, CallHarness, call_request

pytestmark = pytest.mark.anyio

ROW = {"state": "done", "text": VALID_TEXT, "finish_reason": "stop"}


@pytest.fixture
def harness() -> CallHarness:
    return CallHarness()


async def test_a_bought_response_is_cached_by_its_request(harness: CallHarness) -> None:
    """Given two jobs with equal requests, and one with another model / I expect two entries."""
    await harness.generate()
    await harness.generate(job_id="j2", call_id="j2/generate/0")
    await harness.generate(job_id="j3", call_id="j3/generate/0", model="another")

    assert [entry["text"] for entry in harness.ledger.cached.values()] == [VALID_TEXT] * 2


async def test_a_repaired_response_is_cached_for_the_first_request(harness: CallHarness) -> None:
    harness.provider.texts = ["{ no json"]

    await harness.generate()

    [(fingerprint, entry)] = harness.ledger.cached.items()
    assert fingerprint == harness.provider.requests[0].fingerprint
    assert entry["text"] == VALID_TEXT


async def test_unusable_and_replayed_responses_are_not_cached(harness: CallHarness) -> None:
    harness.provider.texts = ["{ no json", "{ no json"]
    await harness.failure()
    harness.ledger.replies = [IntentReply("done", CALL_ID, ROW)]
    await harness.generate()

    assert harness.ledger.cached == {}


async def test_a_cached_response_is_marked_as_cached(harness: CallHarness) -> None:
    harness.ledger.replies = [IntentReply("done", CALL_ID, ROW | {"cached": "1"})]
    call, _ = await harness.calls.attach_or_start(call_request())

    result = await call.task
    start = (await anext(call.call_log.follow()))[0]

    assert (result.usage, harness.provider.requests) == (None, [])
    assert isinstance(start, TextStarted)
    assert start.how == pb.Accepted.HOW_CACHED


async def test_cache_only_buys_nothing(harness: CallHarness) -> None:
    harness.ledger.replies = [IntentReply("absent")]

    failure = await harness.failure(cache=pb.CACHE_ONLY)

    assert (failure.code, failure.may_be_bought, failure.retryable) == ("not_cached", False, False)
    assert harness.provider.requests == []
