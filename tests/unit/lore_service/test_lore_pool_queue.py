"""The queue of a pool, against simulated providers with limits of their own."""

import asyncio
import random
from dataclasses import replace

import pytest

from loresmith.jobs.core.settings.providers import RateLimits
from loresmith.lore_service.calls import pool_queue
from loresmith.lore_service.ledger.ledger import IntentReply
from loresmith.lore_service.providers.errors import CallError, CallFailure, unavailable
from loresmith.lore_service.providers.rate_limits import RateLimit
from tests.unit.lore_service.virtual_pool import (
    RATE_LIMITED,
    Calls,
    Provider,
    VirtualLoop,
    run,
    send,
)


@pytest.mark.thorough
@pytest.mark.parametrize("retry_after", ["exact", "short", "none"])
@pytest.mark.parametrize(
    ("at_once", "per_minute", "call_s"), [(10, 60, 6), (1, 60, 0.5), (3, 1000, 30), (50, 20, 1)]
)
def test_a_limited_provider_is_asked_little_more_than_it_serves(
    retry_after: str, at_once: int, per_minute: int, call_s: float
) -> None:
    """Given 100 calls at once / I expect fewer than 1.5 requests for each one served, and the
    provider to be busy for most of the time.
    """
    random.seed(1)

    async def main(loop: VirtualLoop) -> tuple[int, float]:
        calls = Calls(loop)
        provider = Provider(loop, at_once, per_minute, call_s, retry_after)
        await asyncio.gather(*(send(calls, provider) for _ in range(100)))
        return provider.requests, loop.time()

    requests, took_s = run(main)

    assert requests < 150
    ideal_s = max(100 * call_s / at_once, (100 / per_minute - 1) * 60)
    assert took_s < 3 * ideal_s + 120


def test_a_provider_without_limits_is_soon_asked_for_all() -> None:
    """Given 400 calls at once and no refusal / I expect all of them sent within seconds."""

    async def main(loop: VirtualLoop) -> float:
        calls = Calls(loop)
        provider = Provider(loop, 1_000, 10_000, call_s=30)
        await asyncio.gather(*(send(calls, provider) for _ in range(400)))
        return loop.time()

    assert run(main) < 32


def test_calls_that_are_followed_hold_back_no_other() -> None:
    """Given many calls that another lore_service runs / I expect the next call at once."""

    async def attach() -> IntentReply:
        return IntentReply("attach", "c")

    async def main(loop: VirtualLoop) -> float:
        calls = Calls(loop)
        for _ in range(20):
            assert await calls.queue.enter(attach) == (IntentReply("attach", "c"), None)
        await calls.enter()
        return loop.time()

    assert run(main) == 0


def test_queues_without_calls_are_dropped() -> None:
    """Given more models than a process needs / I expect only those with calls to stay."""
    queues = pool_queue.PoolQueues(None)  # type: ignore[arg-type]
    busy = queues.of("busy", RateLimits())
    busy._unanswered = 1
    idle = queues.of("idle", RateLimits())
    for number in range(pool_queue.MAX_QUEUES):
        queues.of(f"invented{number}", RateLimits())

    assert queues.of("busy", RateLimits()) is busy
    assert queues.of("idle", RateLimits()) is not idle


def test_limits_of_the_file_are_written_again() -> None:
    """Given a pool that Redis has forgotten / I expect its limits again within an hour."""

    async def main(loop: VirtualLoop) -> str | None:
        calls = Calls(loop, RateLimits(requests_per_minute=60_000))
        await calls.enter()
        calls.pools.pool.redis.flushall()
        await asyncio.sleep(pool_queue.CONFIGURE_INTERVAL_S + 1)
        await calls.enter()
        return calls.pools.pool.field("file_requests")

    assert run(main) == "60000"


def test_a_provider_that_is_silent_at_first_is_soon_asked_for_all() -> None:
    """Given requests whose first text comes after 20 s / I expect 200 of them under way in 7 s."""

    async def main(loop: VirtualLoop) -> float:
        calls = Calls(loop)
        for _ in range(200):
            (await calls.enter()).admission.sent()
        return loop.time()

    assert run(main) <= 7


def test_a_closed_pool_refuses_at_once_with_the_remaining_time() -> None:
    """Given a provider that asks for a minute, 10 s ago / I expect its remaining 50 s."""

    async def main(loop: VirtualLoop) -> CallFailure:
        calls = Calls(loop)
        call = await calls.enter()
        call.admission.sent()
        await call.end(replace(RATE_LIMITED, retry_after_ms=60_000))
        loop.now += 10
        with pytest.raises(CallError) as caught:
            await calls.enter()
        return caught.value.failure

    failure = run(main)

    assert 49_000 <= failure.retry_after_ms <= 51_000
    assert failure.waiting_phase == "rate_limited"


def test_our_own_limit_is_no_pause_that_the_provider_asks_for() -> None:
    """Given a pool of two requests a minute / I expect the time of its next place, and no pause: a
    job whose deadline is nearer would fail at once."""

    async def main(loop: VirtualLoop) -> CallFailure:
        calls = Calls(loop, RateLimits(requests_per_minute=2))
        await calls.enter()
        with pytest.raises(CallError) as caught:
            await calls.enter()
        return caught.value.failure

    failure = run(main)

    assert (failure.retry_after_ms, failure.waiting_phase) == (0, "rate_limited")
    assert 30_000 <= failure.reopens_ms <= 60_000


def test_a_provider_that_is_away_is_asked_less_and_less() -> None:
    """Given a provider that is away for ten minutes / I expect few requests, and no pause that the
    provider asks for."""

    async def main(loop: VirtualLoop) -> tuple[int, set[int], set[str]]:
        calls, requests, failures = Calls(loop), 0, []
        while loop.time() < 600:
            try:
                call = await calls.enter()
            except CallError as error:
                failures.append(error.failure)
                await asyncio.sleep(1)
                continue
            requests += 1
            await call.end(unavailable("away"))
        pauses_ms = {each.retry_after_ms for each in failures}
        return requests, pauses_ms, {each.waiting_phase for each in failures}

    requests, pauses_ms, phases = run(main)

    assert requests < 20
    assert (pauses_ms, phases) == ({0}, {"waiting_provider"})


def test_a_model_that_refuses_by_chance_is_not_closed_for_long() -> None:
    """Given a call a second, of which every fifth is refused / I expect no wait of more than a few
    seconds."""

    async def main(loop: VirtualLoop) -> float:
        calls, longest_s = Calls(loop), 0.0
        for number in range(200):
            began = loop.time()
            while True:
                try:
                    call = await calls.enter()
                    break
                except CallError:
                    await asyncio.sleep(1)
            longest_s = max(longest_s, loop.time() - began)
            call.admission.sent()
            await asyncio.sleep(1)
            await call.end(None if number % 5 else RATE_LIMITED)
        return longest_s

    assert run(main) < 10


def test_a_call_that_stops_waiting_leaves_no_place_taken() -> None:
    async def main(loop: VirtualLoop) -> None:
        calls = Calls(loop)
        first = [await calls.enter() for _ in range(pool_queue.FIRST_WINDOW)]
        waiting = asyncio.create_task(calls.enter())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not calls.queue.is_open
        await first[0].end()
        assert calls.queue.is_open

    run(main)


def test_calls_wait_in_order() -> None:
    """Given one place and three calls that wait / I expect them to get it one after the other."""

    async def main(loop: VirtualLoop) -> list[int]:
        calls, order = Calls(loop), []
        calls.pools.pool.limit(set_concurrency=1)

        async def one(number: int) -> None:
            call = await calls.enter()
            order.append(number)
            await asyncio.sleep(0.1)
            await call.end()

        await asyncio.gather(*(one(number) for number in range(4)))
        return order

    assert run(main) == [0, 1, 2, 3]


def test_limits_of_headers_are_noted_when_they_change_or_get_low() -> None:
    async def main(loop: VirtualLoop) -> list[str | None]:
        calls, known = Calls(loop), []
        for limit, left in ((60, 50), (60, 49), (60, 3), (30, 29)):
            calls.queue.note_limits([RateLimit("requests", limit, left, 1_000)])
            await asyncio.sleep(0)
            known += [calls.pools.pool.field("learnt_requests")]
            known += [calls.pools.pool.field("requests_left")]
        return known

    assert run(main) == ["60", "50", "60", "50", "60", "3", "30", "3"]
