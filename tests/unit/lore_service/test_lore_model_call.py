"""One model call, with a fake ledger and a fake provider."""

import asyncio
from collections.abc import Callable

import pytest

from loresmith.lore_service.calls import provider_call as module
from loresmith.lore_service.ledger.ledger import CallId, IntentReply, LedgerUnavailable
from loresmith.lore_service.providers.errors import CallFailure, ProviderProblem
from loresmith.lore_service.providers.pricing import Pricing
from loresmith.lore_service.providers.usage import ProviderUsage
from tests.unit.lore_service.harness import (
    CALL_ID,
    REPAIR_ID,
    VALID_TEXT,
    CallHarness,
    call_request,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def harness() -> CallHarness:
    return CallHarness()


async def started(
    harness: CallHarness, condition: Callable[[], object]
) -> "asyncio.Task[CallFailure]":
    """A call that will fail, once `condition` is true of it."""
    failing = asyncio.create_task(harness.failure())
    while not condition():
        await asyncio.sleep(0)
    return failing


async def waiting_for_redis(harness: CallHarness) -> "asyncio.Task[CallFailure]":
    harness.ledger.replies = [LedgerUnavailable("refused")] * 1_000
    return await started(harness, lambda: harness.ledger.intents)


async def test_a_call_is_bought_and_settled(harness: CallHarness) -> None:
    result = await harness.generate()

    assert (result.finish_reason, result.usage) == ("stop", ProviderUsage(1, 2))
    assert harness.settlement.states == [(CALL_ID, "done")]
    assert harness.settlement.settled[0].fields["text"] == VALID_TEXT
    assert harness.calls.in_flight() == {}


async def test_a_call_in_flight_is_listed_for_its_lease(harness: CallHarness) -> None:
    """Given a call whose text is arriving / I expect it in flight, and its text in a lookup."""
    harness.provider.may_finish = asyncio.Event()
    generating = asyncio.create_task(harness.generate())
    while not harness.calls.in_flight():
        await asyncio.sleep(0)

    assert list(harness.calls.in_flight()) == [CALL_ID]
    assert (await harness.calls.lookup(CallId.parse(CALL_ID)))["text"] == VALID_TEXT
    harness.provider.may_finish.set()
    await generating


async def test_a_repair_is_left_to_the_next_lore_service(harness: CallHarness) -> None:
    """Given a stopping lore_service / when the response of a running call is unusable
    / I expect it stored, no further request, and a failure that is worth a retry.
    """
    harness.provider.texts = ["not JSON"]
    harness.provider.may_finish = asyncio.Event()
    failing = await started(harness, lambda: harness.provider.requests)
    draining = asyncio.create_task(harness.calls.drain(5))
    await asyncio.sleep(0)
    harness.provider.may_finish.set()

    assert (await failing).code == "llm_unavailable"
    await draining
    assert harness.settlement.states == [(CALL_ID, "done")]
    assert harness.ledger.unusable == [CALL_ID]
    assert len(harness.provider.requests) == 1


# --- between the intent and the request


async def test_cancelled_while_paused(
    harness: CallHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given an old intent, cancelled since / I expect the request never sent."""
    monkeypatch.setattr(module, "MAX_INTENT_AGE_S", -1)
    harness.ledger.heartbeat_reply = "cancel"

    failure = await harness.failure()

    assert (failure.code, failure.may_be_bought) == ("cancelled", False)
    assert harness.provider.requests == []
    assert harness.settlement.states == [(CALL_ID, "cancelled")]


async def test_reaped_while_paused(harness: CallHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given an old intent that was reaped as unknown / I expect the request never sent."""
    monkeypatch.setattr(module, "MAX_INTENT_AGE_S", -1)
    harness.ledger.heartbeat_reply = "lost"

    assert (await harness.failure()).code == "llm_outcome_unknown"
    assert harness.provider.requests == []


async def test_redis_stays_unavailable_before_the_request(
    harness: CallHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given Redis unavailable for too long / I expect nothing bought, and the intent, which may
    have been recorded, released under its fencing token.
    """
    monkeypatch.setattr(module, "LEDGER_TIMEOUT_S", -1)
    harness.ledger.replies = [LedgerUnavailable("refused")]

    failure = await harness.failure()

    assert failure.code == "llm_unavailable"
    assert (failure.retryable, failure.may_be_bought) == (True, False)
    assert harness.provider.requests == []
    assert harness.settlement.states == [(CALL_ID, "released")]
    assert harness.settlement.settled[0].fencing_token == "t0"


async def test_redis_is_unavailable_for_a_moment(harness: CallHarness) -> None:
    harness.ledger.replies = [LedgerUnavailable("refused")]

    assert (await harness.generate()).usage == ProviderUsage(1, 2)
    assert len(harness.provider.requests) == 1


async def test_shutdown_while_waiting_for_redis(harness: CallHarness) -> None:
    """Given a call that waits for Redis / when the lore_service stops / I expect a failure that may
    be retried, not a cancellation.
    """
    failing = await waiting_for_redis(harness)

    await harness.calls.drain(0)

    assert ((await failing).code, harness.provider.requests) == ("llm_unavailable", [])


async def test_cancelled_while_waiting_for_redis(harness: CallHarness) -> None:
    failing = await waiting_for_redis(harness)

    await harness.calls.cancel(CallId.parse(CALL_ID))

    failure = await failing
    assert (failure.code, failure.may_be_bought) == ("cancelled", False)
    assert harness.settlement.states == [(CALL_ID, "released")]


# --- several callers, and shutdown


async def test_a_rejected_caller_does_not_harm_another(harness: CallHarness) -> None:
    """Given a stale and a current caller at once / I expect only the stale one rejected."""
    harness.ledger.replies = [IntentReply("fenced")]

    stale, current = await asyncio.gather(
        harness.failure(attempt=1), harness.generate(attempt=2), return_exceptions=True
    )

    assert isinstance(stale, CallFailure)
    assert stale.code == "fenced"
    assert not isinstance(current, BaseException)
    assert current.usage == ProviderUsage(1, 2)
    assert len(harness.provider.requests) == 1


async def test_no_call_starts_during_shutdown(harness: CallHarness) -> None:
    await harness.calls.drain(0)

    assert (await harness.failure()).code == "llm_unavailable"
    assert harness.ledger.intents == []


async def test_shutdown_aborts_what_does_not_finish(harness: CallHarness) -> None:
    """Given a call whose text is arriving / when the grace period ends / I expect it settled as
    unknown, with its text.
    """
    harness.provider.may_finish = asyncio.Event()
    harness.provider.texts = [VALID_TEXT[:-9]]
    failing = await started(harness, lambda: harness.provider.requests)

    await harness.calls.drain(0)

    assert (await failing).code == "llm_outcome_unknown"
    assert harness.settlement.states == [(CALL_ID, "unknown")]
    assert harness.settlement.settled[0].fields["text"] == VALID_TEXT[:-9]


async def test_a_whole_text_without_its_end_is_the_answer(harness: CallHarness) -> None:
    """Given a whole text / when the call is stopped before its end arrives / I expect the result:
    it is paid for.
    """
    harness.provider.may_finish = asyncio.Event()
    call, _ = await harness.calls.attach_or_start(call_request())
    while not harness.provider.requests:
        await asyncio.sleep(0)

    await harness.calls.drain(0)

    assert (await call.task).finish_reason == "stop"
    assert harness.settlement.states == [(CALL_ID, "done")]


async def test_a_price_that_fails_does_not_leave_the_call_open(
    harness: CallHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ArithmeticError("no price")

    monkeypatch.setattr(Pricing, "add_cost", fail)

    result = await harness.generate()

    assert result.usage is None
    assert harness.settlement.states == [(CALL_ID, "done")]


# --- unusable responses


async def test_an_unusable_response_is_repaired_once(harness: CallHarness) -> None:
    harness.provider.texts = ["{}", VALID_TEXT]

    result = await harness.generate()

    assert result.usage == ProviderUsage(2, 4, requests=2)
    assert [each.call_id for each in harness.provider.requests] == [CALL_ID, REPAIR_ID]
    assert harness.ledger.unusable == [CALL_ID]
    assert harness.settlement.states == [(CALL_ID, "done"), (REPAIR_ID, "done")]


async def test_an_unusable_repair_fails(harness: CallHarness) -> None:
    harness.provider.texts = ["{}", "[]"]

    failure = await harness.failure()

    assert (failure.code, failure.text) == ("output_schema", "[]")
    assert failure.usage == ProviderUsage(2, 4, requests=2)
    assert harness.ledger.unusable == [CALL_ID, REPAIR_ID]


async def test_a_rejected_repair_fails_with_the_first_text(harness: CallHarness) -> None:
    """Given a repair that the provider rejects / I expect its failure with the first text and the
    first usage.
    """
    harness.provider.texts = ["{}", ProviderProblem("busy", status=429)]

    failure = await harness.failure()

    assert (failure.code, failure.text) == ("llm_unavailable", "{}")
    assert failure.usage == ProviderUsage(1, 2)


async def test_repair_does_not_need_the_ledger_mark(harness: CallHarness) -> None:
    """Given Redis unavailable after an unusable response / I expect the repair all the same."""
    harness.provider.texts = ["{}", VALID_TEXT]
    harness.ledger.unavailable = True

    assert (await harness.generate()).usage == ProviderUsage(2, 4, requests=2)


# --- internal errors


async def test_an_internal_error_after_sending(
    harness: CallHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Given an unexpected exception / I expect the call unknown, and the traceback in the log."""
    harness.provider.texts = [RuntimeError("unforeseen")]

    assert (await harness.failure()).code == "llm_outcome_unknown"
    assert "error=RuntimeError" in caplog.text


async def test_an_internal_error_before_sending(
    harness: CallHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.ledger.replies = [RuntimeError("unforeseen")]

    assert (await harness.failure()).code == "internal"
    assert harness.provider.requests == []
    assert "error=RuntimeError" in caplog.text
