"""Every caller receives a call from its start, in few messages."""

import asyncio
from collections.abc import Iterable

import pytest

from loresmith.lore_service.calls.call_log import CallLog, Entry, StoredText, TextStarted
from loresmith.lore_service.calls.model_call import CallResult
from loresmith.lore_service.calls.stream_encoder import StreamEncoder
from loresmith.lore_service.providers.usage import ProviderUsage
from loresmith.protos.lore.v1 import lore_pb2 as pb

STARTED = TextStarted(pb.Accepted.HOW_STARTED, "j/s/0", "m")
REPAIR = TextStarted(pb.Accepted.HOW_STARTED, "j/s~repair/0", "m")
TEXT = '{"items": [{"a": 1}]}'


def encoded(
    entries: Iterable[Entry], *, started: bool = True, items: str | None = "items"
) -> list[str]:
    """Each message as one short line."""
    return [short(message) for message in StreamEncoder(items, started=started).encode(entries)]


def short(message: pb.GenerateResponse) -> str:
    match message.WhichOneof("event"):
        case "accepted":
            return f"{pb.Accepted.How.Name(message.accepted.how)} {message.accepted.call_id}"
        case "delta":
            return f"{message.delta.offset}:{message.delta.text}"
        case "item":
            return f"#{message.item.index} {message.item.item_json}"
    return str(message.WhichOneof("event"))


def test_pieces_become_one_delta() -> None:
    assert encoded([STARTED, "On", "ce ", "upon"]) == ["HOW_STARTED j/s/0", "0:Once upon"]


def test_offsets_are_in_characters() -> None:
    encoder = StreamEncoder(None, started=True)

    assert [short(each) for each in encoder.encode(["Æé🙂"])] == ["0:Æé🙂"]
    assert [short(each) for each in encoder.encode(["x"])] == ["3:x"]


def test_a_second_caller_is_attached() -> None:
    assert encoded([STARTED], started=False) == ["HOW_ATTACHED j/s/0"]


def test_items_follow_the_text_that_ends_them() -> None:
    assert encoded([TEXT]) == [f"0:{TEXT}", '#0 {"a": 1}']


def test_a_replay_has_items_and_no_text() -> None:
    assert encoded([StoredText(TEXT)]) == ['#0 {"a": 1}']


def test_finished_items_come_first() -> None:
    start = TextStarted(pb.Accepted.HOW_STARTED, "j/s/0", "m", ('{"a": 0}',))

    assert encoded([start, TEXT]) == [
        "HOW_STARTED j/s/0",
        '#0 {"a": 0}',
        f"0:{TEXT}",
        '#1 {"a": 1}',
    ]


def test_a_repair_starts_at_zero() -> None:
    """Given an unusable response / when it is repaired / I expect a text of its own."""
    assert encoded([STARTED, "junk", REPAIR, TEXT]) == [
        "HOW_STARTED j/s/0",
        "0:junk",
        "HOW_STARTED j/s~repair/0",
        f"0:{TEXT}",
        '#0 {"a": 1}',
    ]


def test_a_model_call_without_a_list_has_no_items() -> None:
    assert encoded([TEXT], items=None) == [f"0:{TEXT}"]


def test_the_last_messages() -> None:
    result = CallResult("{}", "m", "stop", ProviderUsage(1, 2), "print")
    messages = StreamEncoder(None, started=True).encode_result(result)

    assert [short(each) for each in messages] == ["usage", "result"]


@pytest.mark.anyio
async def test_all_followers_get_all_entries() -> None:
    """Given one follower from the start and a late one / I expect both to get all entries."""
    call_log = CallLog(lambda: 0.001)

    async def follow() -> list[Entry]:
        return [entry async for entries in call_log.follow() for entry in entries]

    early = asyncio.create_task(follow())
    for entry in (STARTED, "On", "ce"):
        call_log.add(entry)
        await asyncio.sleep(0.003)
    late = asyncio.create_task(follow())
    call_log.add(" upon")
    call_log.close()

    assert await early == await late == [STARTED, "On", "ce", " upon"]


@pytest.mark.anyio
async def test_the_end_is_sent_at_once() -> None:
    """Given a long interval between messages / when the call ends / I expect it sent at once."""
    call_log = CallLog(lambda: 3600.0)
    entries = asyncio.create_task(anext(call_log.follow()))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    call_log.add("Once")
    call_log.close()

    assert await asyncio.wait_for(entries, 1) == ["Once"]


@pytest.mark.anyio
async def test_start_and_first_word_are_sent_at_once_but_later_text_is_not() -> None:
    """Given a long interval between messages / when a text starts, and again for a repair / I
    expect each start and its first piece sent at once; and no later piece by itself.
    """
    call_log = CallLog(lambda: 3600.0)
    follower = call_log.follow()
    call_log.add(STARTED)
    assert await asyncio.wait_for(anext(follower), 1) == [STARTED]
    call_log.add("Once")
    assert await asyncio.wait_for(anext(follower), 1) == ["Once"]

    entries = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0)  # it waits now
    call_log.add(" upon")
    for _ in range(10):
        await asyncio.sleep(0)
    assert not entries.done()
    call_log.add(REPAIR)
    assert await asyncio.wait_for(entries, 1) == [" upon", REPAIR]
    call_log.add("Twice")
    assert await asyncio.wait_for(anext(follower), 1) == ["Twice"]
