"""Requests that wait together share a round trip, and nobody waits for ever."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis
from redis.exceptions import BusyLoadingError, NoScriptError, OutOfMemoryError, ReadOnlyError

from loresmith.jobs.core.settings import SettingsError
from loresmith.jobs.store import pipeline as pipeline_module
from loresmith.jobs.store.pipeline import (
    MAX_COMMANDS,
    MAX_IN_FLIGHT,
    PipelineBatcher,
    StoreUnavailable,
    connect,
)
from tests.unit.api.wire import Wire


def run(
    wire: Wire, act: Callable[[PipelineBatcher], Coroutine[Any, Any, Any]], timeout_s: float = 1
) -> Any:
    return asyncio.run(act(PipelineBatcher(wire, timeout_s)))  # type: ignore[arg-type]


async def many(batch: PipelineBatcher, count: int) -> list[Any]:
    request = (batch.execute("GET", str(number)) for number in range(count))
    return await asyncio.gather(*request, return_exceptions=True)


def test_what_waits_together_goes_together() -> None:
    wire = Wire(lambda number: number)

    assert run(wire, lambda batch: many(batch, MAX_COMMANDS)) == list(range(MAX_COMMANDS))

    assert wire.sizes == [MAX_COMMANDS]
    assert wire.released == 1


def test_more_than_fits_goes_in_several() -> None:
    wire = Wire(lambda number: number)

    run(wire, lambda batch: many(batch, 3 * MAX_COMMANDS))

    assert sum(wire.sizes) == 3 * MAX_COMMANDS
    assert max(wire.sizes) == MAX_COMMANDS


def test_no_more_than_a_few_are_in_flight() -> None:
    """Given a Redis that hangs / I expect a few pipelines at it, and the rest waiting."""

    async def act(batch: PipelineBatcher) -> list[int]:
        request = asyncio.gather(
            *(batch.execute("GET", "x") for _ in range(20 * MAX_COMMANDS)), return_exceptions=True
        )
        for _ in range(100):  # turns of the loop, however slow the machine is
            await asyncio.sleep(0)
        in_flight = list(wire.sizes)
        await request
        return in_flight

    wire = Wire(lambda number: asyncio.sleep(30))

    assert run(wire, act, timeout_s=0.5) == [MAX_COMMANDS] * MAX_IN_FLIGHT


def test_the_replies_find_their_askers() -> None:
    async def act(batch: PipelineBatcher) -> None:
        await asyncio.gather(*(one(batch, number) for number in range(100)))

    async def one(batch: PipelineBatcher, number: int) -> None:
        await batch.execute("SET", f"k{number}", number)
        assert await batch.execute("GET", f"k{number}") == str(number)

    asyncio.run(act(PipelineBatcher(FakeAsyncRedis(decode_responses=True))))


def test_one_error_is_one_askers() -> None:
    """Given one refused command in a pipeline / I expect the others to be answered."""
    wire = Wire(lambda number: OutOfMemoryError("OOM") if number == 1 else number)

    first, second, third = run(wire, lambda batch: many(batch, 3))

    assert (first, third) == (0, 2)
    assert isinstance(second, StoreUnavailable)
    assert wire.disconnected == 0


REFUSALS = [OutOfMemoryError("OOM"), ReadOnlyError("READONLY"), BusyLoadingError("LOADING")]


@pytest.mark.parametrize("error", [*REFUSALS, ConnectionResetError("gone"), OSError("no route")])
def test_a_redis_that_cannot_work_is_away(error: Exception) -> None:
    wire = Wire(lambda _: error)

    assert [type(answer) for answer in run(wire, lambda batch: many(batch, 2))] == [
        StoreUnavailable
    ] * 2
    assert wire.released == 1


def test_a_thousand_refusals_are_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    run(Wire(lambda _: OutOfMemoryError("OOM")), lambda batch: many(batch, 1_000))

    assert [
        record.message for record in caplog.records if record.name == pipeline_module.__name__
    ] == ['Redis refuses commands error="OutOfMemoryError: OOM"']


def test_a_request_waits_for_one_timeout_at_most() -> None:
    """Given a Redis that hangs, and more requests than pipelines
    / when the first time-out is over
    / I expect those who wait for a pipeline to be told as well.
    """
    wire = Wire(lambda _: asyncio.sleep(30))
    seconds = 1.0

    async def act(batch: PipelineBatcher) -> float:
        began = asyncio.get_running_loop().time()
        answers = await many(batch, 10 * MAX_COMMANDS * MAX_IN_FLIGHT)
        assert {type(answer) for answer in answers} == {StoreUnavailable}
        return asyncio.get_running_loop().time() - began

    assert run(wire, act, timeout_s=seconds) < 2 * seconds
    assert wire.disconnected == wire.released


def test_it_works_again_when_redis_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given an outage / I expect it noted, its cause known while it lasts, and its end noted."""
    noted: list[str] = []
    monkeypatch.setattr(pipeline_module, "REDIS_OUTAGE", Noted(noted))
    wire = Wire(lambda number: ConnectionResetError("gone") if number < 3 else number)

    async def act(batch: PipelineBatcher) -> list[tuple[Any, bool]]:
        return [((await many(batch, 1))[0], batch.error is None) for _ in range(5)]

    answers = run(wire, act)

    outcomes = [isinstance(answer, StoreUnavailable) for answer, _ in answers]
    assert outcomes == [True] * 3 + [False] * 2
    assert [is_available for _, is_available in answers] == [False] * 3 + [True] * 2
    assert noted == ["gone"] * 3 + ["back"] * 2


class Noted:
    """Notes what an OutageLog is told."""

    def __init__(self, notes: list[str]) -> None:
        self._notes = notes

    def failed(self, error: object) -> None:
        self._notes.append(str(error))

    def succeeded(self) -> None:
        self._notes.append("back")


def test_a_connection_that_died_unnoticed_costs_no_request() -> None:
    """Given a connection that has worked, and died since / when a command goes over it
    / I expect the idle connections dropped, and the command sent again over a new one.
    """
    wire = Wire(lambda number: ConnectionResetError("gone") if number == 1 else number)

    async def act(batch: PipelineBatcher) -> list[Any]:
        return [await batch.execute("GET", "a"), await batch.execute("GET", "a")]

    assert run(wire, act) == [0, 2]
    assert wire.dropped == 1


def test_a_cancelled_request_does_not_disturb_the_others() -> None:
    async def act(batch: PipelineBatcher) -> Any:
        cancelled = asyncio.create_task(batch.execute("GET", "a"))
        other = asyncio.create_task(batch.execute("GET", "b"))
        await asyncio.sleep(0)
        cancelled.cancel()
        return await other

    assert run(Wire(lambda number: number), act) == 1


def test_a_bug_fails_every_waiting_request() -> None:
    """Given a command that cannot be packed / I expect its asker to be told, at once."""
    answers = run(Wire(lambda n: n), lambda batch: _gather(batch.execute("GET", object())))

    assert isinstance(answers[0], Exception)
    assert not isinstance(answers[0], StoreUnavailable)


async def _gather(*request: Coroutine[Any, Any, Any]) -> list[Any]:
    return await asyncio.gather(*request, return_exceptions=True)


def test_a_script_that_redis_forgot_is_sent_again() -> None:
    """Given a server that came back empty / I expect the source to be sent."""
    wire = Wire(lambda number: NoScriptError("NOSCRIPT") if number == 0 else ["ok"])

    assert run(wire, lambda batch: batch.script("jobs/list", ["job:x"], "x")) == ["ok"]
    assert wire.sizes == [1, 1]


@pytest.mark.parametrize("url", ["nonsense", "http://127.0.0.1:1", "redis://127.0.0.1:port/0"])
def test_a_url_that_is_none_is_refused_at_start(url: str) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL"):
        connect(url)
