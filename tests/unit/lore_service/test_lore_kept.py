"""Which answers are kept for identical requests, and how one that was kept is told."""

import pytest

from lore_service.ask import Ask
from lore_service.ledger import Known
from lore_service.transcript import Began
from protos.lore.v1 import lore_pb2 as pb
from tests.unit.lore_service.fakes import NAME, Desk
from tests.unit.lore_service.test_lore_ask import FITS, request

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_what_was_bought_and_fits_is_kept_for_the_same_request(desk: Desk) -> None:
    """Given two jobs that ask the same, and one that asks another model / I expect the first two
    kept as one.
    """
    await desk.ask()
    await desk.ask(job_id="j2", call_id="j2/generate/0")
    await desk.ask(job_id="j3", call_id="j3/generate/0", model="another")

    assert len(desk.ledger.kept) == 2
    assert all(answer["text"] == FITS for answer in desk.ledger.kept.values())


async def test_a_repaired_answer_is_kept_for_the_first_request(desk: Desk) -> None:
    desk.provider.texts = ["{ no json"]

    await desk.ask()

    (first,) = desk.ledger.kept
    assert first == desk.provider.sent[0].fingerprint
    assert desk.ledger.kept[first]["text"] == FITS


async def test_what_does_not_fit_or_was_not_bought_now_is_not_kept(desk: Desk) -> None:
    desk.provider.texts = ["{ no json", "{ no json"]
    await desk.failure()
    row = {"state": "done", "text": FITS, "finish_reason": "stop"}
    desk.ledger.words = [Known("done", NAME, row)]
    await desk.ask()

    assert desk.ledger.kept == {}


async def test_a_kept_answer_is_told_as_one(desk: Desk) -> None:
    row = {"state": "done", "text": FITS, "finish_reason": "stop", "cached": "1"}
    desk.ledger.words = [Known("done", NAME, row)]
    call, _ = await desk.calls.join(Ask.of(request(), "m"))

    made = await call.task
    began = (await anext(call.transcript.follow()))[0]

    assert (made.usage, desk.provider.sent) == (None, [])
    assert isinstance(began, Began)
    assert began.how == pb.Accepted.HOW_CACHED


async def test_nothing_kept_and_nothing_to_be_bought(desk: Desk) -> None:
    desk.ledger.words = [Known("absent")]

    failure = await desk.failure(cache=pb.CACHE_ONLY)

    assert (failure.code, failure.may_be_bought, failure.retryable) == ("not_cached", False, False)
    assert desk.provider.sent == []
