"""The gate of a model, against simulated providers with limits of their own."""

import asyncio
import itertools
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from loresmith.lore_service.calls import model_gate
from loresmith.lore_service.calls.model_gate import ModelGate
from loresmith.lore_service.providers.errors import CallError, CallFailure, unavailable

RATE_LIMITED = CallFailure("llm_unavailable", "429", waiting_phase="rate_limited", retryable=True)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer instead of sleeping."""

    now = 0.0

    def __init__(self) -> None:
        super().__init__()
        select = self._selector.select  # type: ignore[attr-defined]
        self._selector.select = lambda _: select(0)  # type: ignore[attr-defined]

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, self._scheduled[0]._when)  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def run(main: Callable[[VirtualLoop], Any]) -> Any:
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main(loop))
    finally:
        loop.close()


@dataclass
class Provider:
    """Serves so many requests at once and a minute, and answers the others with 429."""

    loop: VirtualLoop
    at_once: int = 10
    per_minute: int = 60
    call_s: float = 6.0
    retry_after: str = "exact"
    """exact: until a place is free; short: always a second; none: it does not say."""
    running: int = 0
    requests: int = 0
    starts: deque[float] = field(default_factory=deque)

    async def serve(self) -> CallFailure | None:
        self.requests += 1
        await asyncio.sleep(0.05)
        now = self.loop.time()
        while self.starts and self.starts[0] <= now - 60:
            self.starts.popleft()
        if self.running < self.at_once and len(self.starts) < self.per_minute:
            self.starts.append(now)
            return None
        full_s = self.starts[0] + 60 - now if len(self.starts) >= self.per_minute else 1.0
        pause_s = {"exact": full_s, "short": 1.0, "none": 0.0}[self.retry_after]
        return CallFailure(**{**vars(RATE_LIMITED), "retry_after_ms": int(pause_s * 1000)})


async def send(gate: ModelGate, provider: Provider) -> None:
    """Sends one call until it is served, as the jobs of waiting workers do."""
    for waits in itertools.count():
        try:
            admission = await gate.enter()
        except CallError as error:
            pause_s = max(min(30, 2**waits), error.failure.retry_after_ms / 1000)
            await asyncio.sleep(pause_s * random.uniform(1, 1.25))
            continue
        admission.sent()
        refusal = await provider.serve()
        if refusal is None:
            provider.running += 1
            admission.accepted()
            await asyncio.sleep(provider.call_s)
            provider.running -= 1
            admission.end(None)
            return
        admission.end(refusal)
        pause_s = max(min(30, 2**waits), refusal.retry_after_ms / 1000)
        await asyncio.sleep(pause_s * random.uniform(1, 1.25))


@pytest.mark.parametrize("retry_after", ["exact", "short", "none"])
@pytest.mark.parametrize(
    ("at_once", "per_minute", "call_s"), [(10, 60, 6), (1, 60, 0.5), (3, 1000, 30), (50, 20, 1)]
)
def test_a_limited_provider_is_asked_little_more_than_it_serves(
    retry_after: str, at_once: int, per_minute: int, call_s: float
) -> None:
    """Given 200 calls at once / I expect fewer than 1.5 requests for each one served, and the
    provider to be busy for most of the time.
    """

    async def main(loop: VirtualLoop) -> tuple[int, float]:
        gate = ModelGate(loop.time)
        provider = Provider(loop, at_once, per_minute, call_s, retry_after)
        await asyncio.gather(*(send(gate, provider) for _ in range(200)))
        return provider.requests, loop.time()

    requests, took_s = run(main)

    assert requests < 300
    ideal_s = max(200 * call_s / at_once, (200 / per_minute - 1) * 60)
    assert took_s < 3 * ideal_s + 120


def test_a_provider_without_limits_is_soon_asked_for_all() -> None:
    """Given 1,000 calls at once and no refusal / I expect all of them sent within seconds."""

    async def main(loop: VirtualLoop) -> float:
        gate = ModelGate(loop.time)
        provider = Provider(loop, 1_000, 10_000, call_s=30)
        await asyncio.gather(*(send(gate, provider) for _ in range(1_000)))
        return loop.time()

    assert run(main) < 32


def test_a_provider_that_is_silent_at_first_is_soon_asked_for_all() -> None:
    """Given requests whose first text comes after 20 s / I expect 200 of them under way in 6 s."""

    async def main(loop: VirtualLoop) -> float:
        gate = ModelGate(loop.time)
        for _ in range(200):
            (await gate.enter()).sent()
        return loop.time()

    assert run(main) <= 6


def test_a_closed_gate_refuses_at_once_with_the_remaining_time() -> None:
    async def main(loop: VirtualLoop) -> CallFailure:
        gate = ModelGate(loop.time)
        admission = await gate.enter()
        admission.sent()
        admission.end(CallFailure(**{**vars(RATE_LIMITED), "retry_after_ms": 60_000}))
        loop.now += 10
        with pytest.raises(CallError) as caught:
            await gate.enter()
        return caught.value.failure

    failure = run(main)

    assert 49_000 <= failure.retry_after_ms <= 51_000
    assert (failure.waiting_phase, failure.message) == ("rate_limited", "429")


def test_our_own_backoff_is_no_pause_that_the_provider_asks_for() -> None:
    """Given a provider that is away for long, so that the gate is closed for a minute / I expect no
    pause: a job whose deadline is nearer would fail at once."""

    async def main(loop: VirtualLoop) -> CallFailure:
        gate = ModelGate(loop.time)
        while True:
            try:
                admission = await gate.enter()
            except CallError as error:
                return error.failure
            admission.sent()
            admission.end(unavailable("away"))

    assert run(main).retry_after_ms == 0


def test_a_model_that_refuses_by_chance_is_not_closed_for_long() -> None:
    """Given a call a second, of which every fifth is refused / I expect no wait of more than a few
    seconds: too few are served between two refusals to tell, but the gate is open nearly always.
    """

    async def main(loop: VirtualLoop) -> float:
        gate, longest_s = ModelGate(loop.time), 0.0
        for number in range(200):
            began = loop.time()
            while True:
                try:
                    admission = await gate.enter()
                    break
                except CallError:
                    await asyncio.sleep(1)
            longest_s = max(longest_s, loop.time() - began)
            admission.sent()
            await asyncio.sleep(1)
            admission.end(None if number % 5 else RATE_LIMITED)
        return longest_s

    assert run(main) < 5


def test_one_request_goes_first_after_a_closing() -> None:
    """Given five calls held while the gate is closed / when it opens / I expect one sent, and the
    others after its acceptance.
    """

    async def main(loop: VirtualLoop) -> list[int]:
        gate, sent = ModelGate(loop.time), []
        (first := await gate.enter()).sent()
        first.end(unavailable("503"))
        entering = [asyncio.create_task(gate.enter()) for _ in range(5)]
        await asyncio.sleep(1.01)
        sent.append(sum(each.done() for each in entering))
        entering[0].result().sent()
        entering[0].result().accepted()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        sent.append(sum(each.done() for each in entering))
        for each in entering:
            each.cancel()
        await asyncio.gather(*entering, return_exceptions=True)
        return sent

    assert run(main) == [1, 3]


@pytest.mark.parametrize("readings", range(6))
def test_a_gate_that_opens_while_a_call_enters_lets_it_in(readings: int) -> None:
    """Given a clock that passes the opening between two readings / I expect no lost wake-up."""

    async def main(loop: VirtualLoop) -> None:
        times = itertools.repeat(0.0)
        gate = ModelGate(lambda: next(times))
        (first := await gate.enter()).sent()
        first.end(CallFailure(**{**vars(RATE_LIMITED), "retry_after_ms": 1_500}))
        times = itertools.chain(itertools.repeat(1.0, readings), itertools.repeat(2.0))
        (await gate.enter()).end(None)

    run(main)


def test_a_call_that_stops_waiting_leaves_no_place_taken() -> None:
    async def main(loop: VirtualLoop) -> None:
        gate = ModelGate(loop.time)
        places = [await gate.enter() for _ in range(model_gate.FIRST_WINDOW)]
        waiting = asyncio.create_task(gate.enter())
        await asyncio.sleep(0)
        places[0].end(None)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert gate.is_open

    run(main)
