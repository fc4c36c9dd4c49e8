"""Odd answers end to end: a lore_service, its ledger on a real server, and a hostile provider."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from tests.integration.lore_service_harness import LoreHarness, Service, lore_harness
from tests.providers.answer import (
    DONE,
    GOOD,
    HTML,
    Answer,
    chunk,
    delta,
    event,
    stream,
    text,
    usage,
)
from tests.providers.server import KEY, AnswerServer
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

STOP = chunk(None, "stop") + usage() + DONE
HALF_EMOJI = GOOD.replace("smith", "smith \ud83d")
ODD = [
    Answer("half an emoji", text(HALF_EMOJI) + STOP),
    Answer("half an emoji in all fields", delta({"content": GOOD, "refusal": ""}, id="\ud83d",
           model="\ud83d") + chunk(None, "stop\ud83d") + usage() + DONE),
    Answer("an object as model", chunk(GOOD, model={"name": ["x"]}) + STOP),
    Answer("a bool as finish reason", text() + chunk(None, True) + usage() + DONE),
    Answer("usage of texts", stream(counts={"prompt_tokens": "x", "completion_tokens": -1})),
    Answer("a byte order mark", b"\xef\xbb\xbf" + stream()),
    Answer("a fence", stream(f"```json\n{GOOD}\n```")),
    Answer("no finish reason", text() + usage() + DONE),
    Answer("kept open", stream(), stays_open=True),
]  # fmt: skip
"""Each is a whole answer."""


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoreHarness]:
    with lore_harness(tmp_path_factory.mktemp("lore")) as started:
        yield started


@pytest.fixture(scope="module")
def provider() -> Iterator[AnswerServer]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def service(harness: LoreHarness, provider: AnswerServer) -> Service:
    return add_service(harness, provider)


def add_service(harness: LoreHarness, provider: AnswerServer) -> Service:
    return harness.add(
        OPENAI_BASE_URL=f"http://127.0.0.1:{provider.port}/v1",
        OPENAI_API_KEY=KEY,
        LORESMITH_SCHEMA_MODE="json_schema",
        LORESMITH_MAX_TOKENS_PARAMETER="max_completion_tokens",
    )


@contextmanager
def serving() -> Iterator[AnswerServer]:
    """Plays answers in a thread of its own, until the with block ends."""
    server, loop = AnswerServer(ODD[0]), asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(
        asyncio.start_server(server.serve, "127.0.0.1", 0), loop
    ).result(5)
    server.port = listening.sockets[0].getsockname()[1]

    async def stop() -> None:
        listening.close()
        for task in list(server.connections):
            task.cancel()
        await asyncio.gather(*server.connections, return_exceptions=True)

    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def play(provider: AnswerServer, answer: Answer) -> None:
    provider.answer = answer
    provider.requests.clear()


@pytest.mark.parametrize("answer", ODD, ids=repr)
def test_an_odd_answer_is_the_result(
    harness: LoreHarness, service: Service, provider: AnswerServer, answer: Answer
) -> None:
    """Given a whole answer of odd form / I expect it settled and returned, bought once, and nothing
    left in flight.
    """
    play(provider, answer)
    call = harness.job()

    received = service.generate(call, count=1)

    assert received.result
    assert json.loads(received.result.output_json)["characters"][0]["name"] == "Ada"
    assert harness.state(call) == "done"
    assert len(provider.requests) == 1
    assert harness.redis.zcard("calls:deadlines") == 0
    assert service.generate(call, count=1).how == ["REPLAYED"]


def test_a_local_repair_is_noted(
    harness: LoreHarness, service: Service, provider: AnswerServer
) -> None:
    play(provider, Answer("a fence", stream(f"```json\n{GOOD}\n```")))
    call = harness.job()

    service.generate(call, count=1)

    assert harness.row(call)["repaired"] == "local"
    assert harness.state(call.replace("generate", "generate~repair")) == "absent"


@pytest.mark.parametrize(
    "answer",
    [
        Answer("a web page", b"<html><title>Hi</title></html>", headers=HTML, says="may lack /v1"),
        Answer("an error", event({"error": {"message": "bad \ud83d"}}), says="bad \ufffd."),
        Answer("a key in the words", event({"error": f"no {KEY}!"}), says="no …!"),
    ],
    ids=repr,
)
def test_an_error_in_place_of_an_answer_is_not_bought(
    harness: LoreHarness, service: Service, provider: AnswerServer, answer: Answer
) -> None:
    play(provider, answer)
    call = harness.job()

    error = service.failure(call, count=1).error

    assert answer.says in error.message
    assert error.may_be_bought is False
    assert (harness.state(call), len(provider.requests)) == ("released", 1)
    assert KEY not in service.part.log.read_text()


def test_maintenance_goes_on(harness: LoreHarness, provider: AnswerServer, tmp_path: Path) -> None:
    """Given a journal with a settlement that no ledger takes / when another lore_service dies with
    a call / I expect the settlement set aside, and the call given up.
    """
    service, victim = add_service(harness, provider), add_service(harness, provider)
    damaged = harness.job()
    harness.redis.set(f"call:{damaged}", "no hash")
    settlement = {
        "call_id": damaged,
        "fencing_token": "t",
        "state": "done",
        "fields": {"text": "x"},
    }
    service.part.kill()
    (service.data_dir / "calls" / "dead.jsonl").write_text(json.dumps(settlement) + "\n")
    service.start()
    play(provider, Answer("half, kept open", text(GOOD[:99]), stays_open=True))
    call = harness.job()
    in_flight = victim.stream(call, count=1)
    next(in_flight)
    wait_until(lambda: harness.state(call) == "intent", "the call is in flight")

    victim.part.kill()

    wait_until(lambda: harness.state(call) == "unknown", "the call is given up", timeout=20)
    assert list((service.data_dir / "calls").glob("*.refused"))
    assert not list((service.data_dir / "calls").glob("*.jsonl"))
