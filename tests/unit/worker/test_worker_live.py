"""What the calls of a job bring, on its way to those who watch."""

import json

import pytest

from jobs.states import ProgressSource
from protos.lore.v1 import lore_pb2 as pb
from worker import live as module
from worker.lengths import Lengths
from worker.live import Live
from worker.received import Received

BEGUN = pb.GenerateResponse(accepted=pb.Accepted(how=pb.Accepted.HOW_STARTED))


def text(offset: int, piece: str) -> pb.GenerateResponse:
    return pb.GenerateResponse(delta=pb.Delta(offset=offset, text=piece))


def item(index: int) -> pb.GenerateResponse:
    return pb.GenerateResponse(item=pb.Item(index=index, json=json.dumps({"n": index})))


def calling(wanted: int = 3) -> tuple[Live, Received]:
    live, received = Live(), Received()
    received.take(BEGUN)
    live.begin("generate", received, wanted)
    return live, received


def heard(live: Live) -> list[tuple[str, int, str]]:
    """All news of now, told."""
    found = [(news.type, news.place, news.content) for news in live.news()]
    live.told()
    return found


def test_pieces_follow_each_other() -> None:
    live, received = calling()
    received.take(text(0, "Once "))
    first = heard(live)
    received.take(text(5, "upon"))
    received.take(item(0))

    assert first == [("delta", 0, "Once ")]
    assert heard(live) == [("delta", 5, "upon"), ("item", 0, '{"n": 0}')]
    assert heard(live) == []


def test_what_could_not_be_written_is_told_again_under_its_numbers() -> None:
    """Given news that Redis did not take / when more comes / I expect the same news first."""
    live, received = calling()
    received.take(text(0, "Once "))
    first = live.news()
    received.take(text(5, "upon"))

    assert live.news() == first
    live.told()
    assert [news.number for news in [*first, *live.news()]] == [1, 2]


def test_a_text_that_begins_anew_is_told_from_its_start() -> None:
    """Given a call that is repaired, or joined again / I expect its text from 0, not a hole."""
    live, received = calling()
    received.take(text(0, "{ broken"))
    heard(live)
    received.take(BEGUN)
    received.take(text(0, "{}"))

    assert heard(live) == [("delta", 0, "{}")]


def test_a_long_text_is_told_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_PIECE", 4)
    live, received = calling()
    received.take(text(0, "abcdefgh"))

    assert heard(live) + heard(live) == [("delta", 0, "abcd"), ("delta", 4, "efgh")]


def test_steps_and_usage_are_told_in_their_order() -> None:
    live, _ = calling()
    live.say("step", "outline", "started", 3)
    live.say("usage", "outline", "{}")
    live.end()

    assert [(news.type, news.place) for news in live.news()] == [("step", 3), ("usage", 0)]


def test_how_far_it_is() -> None:
    """Given entities of 100 characters / I expect the share of those that are finished, and of the
    one that is being written; and nothing to say before the first is finished.
    """
    live, received = calling(wanted=4)
    received.take(text(0, "x" * 90))
    heard(live)
    assert live.measured() is None

    received.take(text(90, "x" * 10))
    received.take(item(0))
    heard(live)
    first = live.measured()
    received.take(text(100, "x" * 50))
    half = live.measured()
    received.take(text(150, "x" * 500))
    long = live.measured()

    assert first
    assert half
    assert long
    assert (first.share, first.words) == (0.25, "1 of 4")
    assert half.share == pytest.approx(0.375)
    assert long.share == pytest.approx(1.95 / 4), "it is never finished before it is"
    live.end()
    assert live.measured() is None


def test_before_the_first_entity_the_text_says_how_far_it_is() -> None:
    """Given answers of 400 characters for two entities / I expect 600 for three, and the share of
    that while no entity is finished; and nothing while too few answers are known.
    """
    lengths = Lengths()
    lengths.learn("relics", "m", 400, 2)
    assert lengths.expected("relics", "m", 3) == 0
    for _ in range(2):
        lengths.learn("relics", "m", 400, 2)
    assert (lengths.expected("relics", "m", 3), lengths.expected("relics", "n", 3)) == (600, 0)

    live, received = Live(), Received()
    live.begin("generate", received, 3, 600)
    assert live.measured() is None
    received.take(text(0, "x" * 150))
    begun = live.measured()
    received.take(text(150, "x" * 900))
    late = live.measured()

    assert begun
    assert late
    assert (begun.share, begun.source) == (0.25, ProgressSource.TOKENS)
    assert late.share == 0.95
