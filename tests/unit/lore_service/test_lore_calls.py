"""A call on its way, with a ledger and a provider that do what the test says."""

import asyncio

import pytest

from lore_service import call as module
from lore_service.ledger import CallName, Known, LedgerAway
from lore_service.status import CallError, ProviderProblem
from lore_service.usage import Usage
from tests.unit.lore_service.fakes import NAME, REPAIR, Desk
from tests.unit.lore_service.test_lore_ask import FITS

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_bought_and_settled(desk: Desk) -> None:
    made = await desk.ask()

    assert (made.finish_reason, made.usage) == ("stop", Usage(1, 2))
    assert desk.settler.states == [(NAME, "done")]
    assert desk.settler.endings[0].fields["text"] == FITS
    assert desk.calls.purchases == {}


# --- between the intent and the request


async def test_paused_and_cancelled_meanwhile(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given an old intent, cancelled since / I expect the request never sent."""
    monkeypatch.setattr(module, "FRESH_S", -1)
    desk.ledger.beats = "cancel"

    failure = await desk.failure()

    assert (failure.code, failure.may_be_bought) == ("cancelled", False)
    assert desk.provider.sent == []
    assert desk.settler.states == [(NAME, "cancelled")]


async def test_paused_and_given_up_meanwhile(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given an old intent that a reaper has made unknown / I expect the request never sent."""
    monkeypatch.setattr(module, "FRESH_S", -1)
    desk.ledger.beats = "lost"

    assert (await desk.failure()).code == "llm_outcome_unknown"
    assert desk.provider.sent == []


async def test_redis_away_before_anything_is_bought(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a ledger that stays away / I expect nothing bought, and the intent, which may have
    been recorded all the same, taken back under its ticket.
    """
    monkeypatch.setattr(module, "PATIENCE_S", -1)
    desk.ledger.words = [LedgerAway("refused")]

    failure = await desk.failure()

    assert (failure.code, failure.retryable, failure.may_be_bought) == (
        "llm_unavailable",
        True,
        False,
    )
    assert desk.provider.sent == []
    assert desk.settler.states == [(NAME, "released")]
    assert desk.settler.endings[0].ticket == "t0"


async def test_redis_away_for_a_moment(desk: Desk) -> None:
    desk.ledger.words = [LedgerAway("refused")]

    assert (await desk.ask()).usage == Usage(1, 2)
    assert len(desk.provider.sent) == 1


async def test_stopping_while_redis_is_waited_for(desk: Desk) -> None:
    """Given a call that waits for Redis / when the lore_service stops / I expect the asker told to
    come again, not that its job was cancelled.
    """
    desk.ledger.words = [LedgerAway("refused")] * 1_000
    asking = asyncio.create_task(desk.failure())
    while not desk.ledger.asked:
        await asyncio.sleep(0)

    await desk.calls.drain(0)

    assert ((await asking).code, desk.provider.sent) == ("llm_unavailable", [])


async def test_cancelled_while_redis_is_waited_for(desk: Desk) -> None:
    desk.ledger.words = [LedgerAway("refused")] * 1_000
    asking = asyncio.create_task(desk.failure())
    while not desk.ledger.asked:
        await asyncio.sleep(0)

    await desk.calls.cancel(CallName.parse(NAME))

    failure = await asking
    assert (failure.code, failure.may_be_bought) == ("cancelled", False)
    assert desk.settler.states == [(NAME, "released")]


# --- askers


async def test_one_turned_away_does_not_harm_another(desk: Desk) -> None:
    """Given a stale asker and a rightful one at once / I expect only the first one refused."""
    desk.ledger.words = [Known("fenced")]

    stale, rightful = await asyncio.gather(
        desk.ask(attempt=1), desk.ask(attempt=2), return_exceptions=True
    )

    assert isinstance(stale, CallError)
    assert stale.failure.code == "fenced"
    assert rightful.usage == Usage(1, 2)
    assert len(desk.provider.sent) == 1


async def test_no_new_call_while_stopping(desk: Desk) -> None:
    await desk.calls.drain(0)

    assert (await desk.failure()).code == "llm_unavailable"
    assert desk.ledger.asked == []


async def test_the_rest_is_broken_off(desk: Desk) -> None:
    """Given a call in its middle / when time is up / I expect it unknown, with its text."""
    desk.provider.waiting = asyncio.Event()
    asking = asyncio.create_task(desk.failure())
    while not desk.provider.sent:
        await asyncio.sleep(0)

    await desk.calls.drain(0)

    assert (await asking).code == "llm_outcome_unknown"
    assert desk.settler.states == [(NAME, "unknown")]
    assert desk.settler.endings[0].fields["text"] == FITS


# --- answers that do not fit


async def test_one_repair(desk: Desk) -> None:
    desk.provider.texts = ["{}", FITS]

    made = await desk.ask()

    assert made.usage == Usage(2, 4, requests=2)
    assert [each.call_id for each in desk.provider.sent] == [NAME, REPAIR]
    assert desk.ledger.judged == [NAME]
    assert desk.settler.states == [(NAME, "done"), (REPAIR, "done")]


async def test_a_repair_that_does_not_fit_either(desk: Desk) -> None:
    desk.provider.texts = ["{}", "[]"]

    failure = await desk.failure()

    assert (failure.code, failure.text) == ("output_schema", "[]")
    assert failure.usage == Usage(2, 4, requests=2)
    assert desk.ledger.judged == [NAME, REPAIR]


async def test_a_repair_that_is_refused(desk: Desk) -> None:
    """Given a repair that the provider does not take / I expect that told, with the first text and
    what was paid for it.
    """
    desk.provider.texts = ["{}", ProviderProblem("busy", status=429)]

    failure = await desk.failure()

    assert (failure.code, failure.text, failure.usage) == ("llm_unavailable", "{}", Usage(1, 2))


async def test_the_ledger_goes_away_before_the_judgement(desk: Desk) -> None:
    """Given a text of no use and no ledger to say so / I expect the repair all the same."""
    desk.provider.texts = ["{}", FITS]
    desk.ledger.away = True

    assert (await desk.ask()).usage == Usage(2, 4, requests=2)


# --- faults of ours


async def test_a_fault_after_sending(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Given an error that nobody foresaw / I expect the call unknown and the log to have it all."""
    desk.provider.texts = [RuntimeError("unforeseen")]

    assert (await desk.failure()).code == "llm_outcome_unknown"
    assert "unforeseen" in caplog.text


async def test_a_fault_before_sending(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.ledger.words = [RuntimeError("unforeseen")]

    assert (await desk.failure()).code == "internal"
    assert desk.provider.sent == []
    assert "unforeseen" in caplog.text
