"""Requests that wait together share a round trip, and nobody waits for ever."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis
from redis.exceptions import BusyLoadingError, NoScriptError, OutOfMemoryError, ReadOnlyError

from api.batching import LONGEST, MOST_AT_ONCE, Batch, StoreAway, connect
from jobs.config import ConfigError


class Wire:
    """A connection that answers each command with its number, or as the test says."""

    def __init__(self, answer: Callable[[int], Any]) -> None:
        self.sizes: list[int] = []
        self.disconnected = 0
        self.released = 0
        self._answer = answer
        self._answered = 0

    async def get_connection(self) -> "Wire":
        return self

    async def send_packed_command(self, packed: bytes) -> None:
        self.sizes.append(len(re.findall(rb"\*\d+\r\n", packed)))

    async def read_response(self) -> Any:
        await asyncio.sleep(0)
        found = self._answer(self._answered)
        self._answered += 1
        if isinstance(found, Exception):
            raise found
        return await found if asyncio.iscoroutine(found) else found

    async def disconnect(self, nowait: bool = False) -> None:
        self.disconnected += 1

    async def release(self, connection: "Wire") -> None:
        self.released += 1

    @property
    def connection_pool(self) -> "Wire":
        return self


def run(wire: Wire, act: Callable[[Batch], Coroutine[Any, Any, Any]], patience_s: float = 1) -> Any:
    return asyncio.run(act(Batch(wire, patience_s)))  # type: ignore[arg-type]


async def many(batch: Batch, count: int) -> list[Any]:
    asked = (batch.execute("GET", str(number)) for number in range(count))
    return await asyncio.gather(*asked, return_exceptions=True)


def test_what_waits_together_goes_together() -> None:
    wire = Wire(lambda number: number)

    assert run(wire, lambda batch: many(batch, LONGEST)) == list(range(LONGEST))

    assert wire.sizes == [LONGEST]
    assert wire.released == 1


def test_more_than_fits_goes_in_several() -> None:
    wire = Wire(lambda number: number)

    run(wire, lambda batch: many(batch, 3 * LONGEST))

    assert sum(wire.sizes) == 3 * LONGEST
    assert max(wire.sizes) == LONGEST


def test_no_more_than_a_few_are_in_flight() -> None:
    """Given a Redis that hangs / I expect a few pipelines at it, and the rest waiting."""

    async def act(batch: Batch) -> list[int]:
        asked = asyncio.gather(
            *(batch.execute("GET", "x") for _ in range(20 * LONGEST)), return_exceptions=True
        )
        await asyncio.sleep(0.01)
        in_flight = list(wire.sizes)
        await asked
        return in_flight

    wire = Wire(lambda number: asyncio.sleep(30))

    assert run(wire, act, patience_s=0.05) == [LONGEST] * MOST_AT_ONCE


def test_the_replies_find_their_askers() -> None:
    async def act(batch: Batch) -> None:
        await asyncio.gather(*(one(batch, number) for number in range(100)))

    async def one(batch: Batch, number: int) -> None:
        await batch.execute("SET", f"k{number}", number)
        assert await batch.execute("GET", f"k{number}") == str(number)

    asyncio.run(act(Batch(FakeAsyncRedis(decode_responses=True))))


def test_one_error_is_one_askers() -> None:
    """Given one refused command in a pipeline / I expect the others to be answered."""
    wire = Wire(lambda number: OutOfMemoryError("OOM") if number == 1 else number)

    first, second, third = run(wire, lambda batch: many(batch, 3))

    assert (first, third) == (0, 2)
    assert isinstance(second, StoreAway)
    assert wire.disconnected == 0


REFUSALS = [OutOfMemoryError("OOM"), ReadOnlyError("READONLY"), BusyLoadingError("LOADING")]


@pytest.mark.parametrize("error", [*REFUSALS, ConnectionResetError("gone"), OSError("no route")])
def test_a_redis_that_cannot_work_is_away(error: Exception) -> None:
    wire = Wire(lambda _: error)

    assert [type(answer) for answer in run(wire, lambda batch: many(batch, 2))] == [StoreAway] * 2
    assert wire.released == 1


def test_a_thousand_refusals_are_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    run(Wire(lambda _: OutOfMemoryError("OOM")), lambda batch: many(batch, 1_000))

    assert [record.message for record in caplog.records] == ["Redis refuses commands: OOM"]


def test_nobody_waits_for_two_time_outs() -> None:
    """Given a Redis that hangs, and more requests than pipelines
    / when the first time-out is over
    / I expect those who wait for a pipeline to be told as well.
    """
    wire = Wire(lambda _: asyncio.sleep(30))
    seconds = 1.0

    async def act(batch: Batch) -> float:
        began = asyncio.get_running_loop().time()
        answers = await many(batch, 10 * LONGEST * MOST_AT_ONCE)
        assert {type(answer) for answer in answers} == {StoreAway}
        return asyncio.get_running_loop().time() - began

    assert run(wire, act, patience_s=seconds) < 2 * seconds
    assert wire.disconnected == wire.released


def test_it_works_again_when_redis_does(caplog: pytest.LogCaptureFixture) -> None:
    """Given an outage / I expect one line in the log for its beginning and one for its end."""
    wire = Wire(lambda number: ConnectionResetError("gone") if number < 3 else number)

    async def act(batch: Batch) -> list[Any]:
        return [(await many(batch, 1))[0] for _ in range(5)]

    answers = run(wire, act)

    assert [isinstance(answer, StoreAway) for answer in answers] == [True] * 3 + [False] * 2
    lines = [record.message for record in caplog.records if record.name == "api.batching"]
    assert [line.split(":")[0] for line in lines] == [
        "Redis does not answer",
        "Redis answers again",
    ]


def test_a_fault_of_ours_leaves_nobody_waiting() -> None:
    """Given a command that cannot be packed / I expect its asker to be told, at once."""
    answers = run(Wire(lambda n: n), lambda batch: _gather(batch.execute("GET", object())))

    assert isinstance(answers[0], Exception)
    assert not isinstance(answers[0], StoreAway)


async def _gather(*asked: Coroutine[Any, Any, Any]) -> list[Any]:
    return await asyncio.gather(*asked, return_exceptions=True)


def test_a_script_that_redis_has_forgotten_is_told_again() -> None:
    """Given a server that came back empty / I expect the source to be sent."""
    wire = Wire(lambda number: NoScriptError("NOSCRIPT") if number == 0 else ["ok"])

    assert run(wire, lambda batch: batch.script("delete", ["job:x"], "x")) == ["ok"]
    assert wire.sizes == [1, 1]


@pytest.mark.parametrize("url", ["nonsense", "http://127.0.0.1:1", "redis://127.0.0.1:port/0"])
def test_a_url_that_is_none_is_refused_at_start(url: str) -> None:
    with pytest.raises(ConfigError, match="REDIS_URL"):
        connect(url)
