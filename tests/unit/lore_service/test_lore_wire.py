"""Whoever asks hears a call from its start, in few messages."""

import asyncio
from collections.abc import Iterable

import pytest

from lore_service.call import Made
from lore_service.transcript import Began, Entry, Stored, Transcript
from lore_service.usage import Usage
from lore_service.wire import Teller
from protos.lore.v1 import lore_pb2 as pb

STARTED = Began(pb.Accepted.HOW_STARTED, "j/s/0", "m")
REPAIR = Began(pb.Accepted.HOW_STARTED, "j/s~repair/0", "m")
ITEM = '{"items": [{"a": 1}]}'


def heard(
    entries: Iterable[Entry], *, started: bool = True, items: str | None = "items"
) -> list[str]:
    """Each message as one short line."""
    return [short(message) for message in Teller(items, started=started).tell(entries)]


def short(message: pb.GenerateResponse) -> str:
    match message.WhichOneof("event"):
        case "accepted":
            return f"{pb.Accepted.How.Name(message.accepted.how)} {message.accepted.call_id}"
        case "delta":
            return f"{message.delta.offset}:{message.delta.text}"
        case "item":
            return f"#{message.item.index} {message.item.json}"
    return str(message.WhichOneof("event"))


def test_pieces_become_one_message() -> None:
    assert heard([STARTED, "On", "ce ", "upon"]) == ["HOW_STARTED j/s/0", "0:Once upon"]


def test_offsets_are_in_characters() -> None:
    teller = Teller(None, started=True)

    assert [short(each) for each in teller.tell(["Æé🙂"])] == ["0:Æé🙂"]
    assert [short(each) for each in teller.tell(["x"])] == ["3:x"]


def test_a_second_asker_is_attached() -> None:
    assert heard([STARTED], started=False) == ["HOW_ATTACHED j/s/0"]


def test_entities_follow_the_text_that_ends_them() -> None:
    assert heard([ITEM]) == [f"0:{ITEM}", '#0 {"a": 1}']


def test_a_replay_has_entities_and_no_text() -> None:
    assert heard([Stored(ITEM)]) == ['#0 {"a": 1}']


def test_items_that_were_there_before_are_the_first() -> None:
    began = Began(pb.Accepted.HOW_STARTED, "j/s/0", "m", ('{"a": 0}',))

    assert heard([began, ITEM]) == [
        "HOW_STARTED j/s/0",
        '#0 {"a": 0}',
        f"0:{ITEM}",
        '#1 {"a": 1}',
    ]


def test_a_repair_starts_from_zero() -> None:
    """Given an answer that did not fit / when it is asked again / I expect a text of its own."""
    assert heard([STARTED, "junk", REPAIR, ITEM]) == [
        "HOW_STARTED j/s/0",
        "0:junk",
        "HOW_STARTED j/s~repair/0",
        f"0:{ITEM}",
        '#0 {"a": 1}',
    ]


def test_a_recipe_without_a_list_has_no_entities() -> None:
    assert heard([ITEM], items=None) == [f"0:{ITEM}"]


def test_the_end() -> None:
    made = Made("{}", "m", "stop", Usage(1, 2), "print")

    assert [short(each) for each in Teller(None, started=True).end(made)] == ["usage", "result"]


@pytest.mark.anyio
async def test_all_followers_hear_all_of_it() -> None:
    """Given one follower from the start and one who comes late / I expect both to hear all."""
    transcript = Transcript(lambda: 0.001)

    async def follow() -> list[Entry]:
        return [entry async for entries in transcript.follow() for entry in entries]

    early = asyncio.create_task(follow())
    for entry in (STARTED, "On", "ce"):
        transcript.add(entry)
        await asyncio.sleep(0.003)
    late = asyncio.create_task(follow())
    transcript.add(" upon")
    transcript.close()

    assert await early == await late == [STARTED, "On", "ce", " upon"]


@pytest.mark.anyio
async def test_the_end_is_not_waited_for() -> None:
    """Given a long pause between messages / when the call ends / I expect it heard at once."""
    transcript = Transcript(lambda: 3600.0)
    heard = asyncio.create_task(anext(transcript.follow()))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    transcript.add("Once")
    transcript.close()

    assert await asyncio.wait_for(heard, 1) == ["Once"]


@pytest.mark.anyio
async def test_a_beginning_is_not_waited_for_but_text_is() -> None:
    """Given a long pause between messages / when a text begins, and again for a repair / I expect
    each heard at once, with what had come before it; and a piece of text not by itself.
    """
    transcript = Transcript(lambda: 3600.0)
    follower = transcript.follow()
    transcript.add(STARTED)
    assert await asyncio.wait_for(anext(follower), 1) == [STARTED]

    heard = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0)  # it listens
    transcript.add("Once")
    for _ in range(10):
        await asyncio.sleep(0)
    assert not heard.done()
    transcript.add(REPAIR)
    assert await asyncio.wait_for(heard, 1) == ["Once", REPAIR]
