"""A queue of calls and its pool, in virtual time.

The pool is the one of Redis: its Lua runs with the time of the simulation.
"""

import asyncio
import itertools
import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from fakeredis import FakeRedis, FakeServer

from loresmith.jobs.core.settings.providers import RateLimits
from loresmith.lore_service.calls.pool_queue import Admission, PoolQueue
from loresmith.lore_service.ledger.ledger import IntentReply, PoolWait
from loresmith.lore_service.providers.errors import CallError, CallFailure
from tests.store.pools import Pool

RATE_LIMITED = CallFailure("llm_unavailable", "429", waiting_phase="rate_limited", retryable=True)
START_MS = 10**9
LEARNT = RateLimits()


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


class SimulatedPools:
    """The pools of Redis, at the time of the loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.pool = Pool(FakeRedis(server=FakeServer(), decode_responses=True), "m")
        self._numbers = itertools.count()

    @property
    def now(self) -> int:
        return START_MS + int(self._loop.time() * 1000)

    async def ask(self, holder: str) -> IntentReply:
        ms, reason = self.pool.wait(self.now)
        if ms:
            phase, asked_ms = self.pool.closed(self.now)
            return IntentReply("wait", wait=PoolWait(ms, reason, phase, asked_ms))
        self.pool.take(holder, self.now)
        return IntentReply("go", holder)

    async def note_refusal(
        self, pool: str, phase: str, kind: str, age_ms: int, asked_ms: int, unanswered: int
    ) -> None:
        self.pool.refused(self.now, phase, kind, age_ms, asked_ms, unanswered)

    async def note_limits(self, pool: str, limits: Iterable[tuple[str, int, int, int]]) -> None:
        for limit in limits:
            self.pool.note_limit(self.now, *limit)

    async def configure(self, pool: str, limits: RateLimits) -> None:
        if limits.requests_per_minute:
            self.pool.limit(file_requests=limits.requests_per_minute)


class Calls:
    """A queue and its pool."""

    def __init__(self, loop: VirtualLoop, limits: RateLimits = LEARNT) -> None:
        self.pools: Any = SimulatedPools(loop)
        self.queue = PoolQueue("m", self.pools, limits, loop.time)
        self._numbers = itertools.count()

    async def enter(self) -> "Entered":
        holder = f"c{next(self._numbers)}"
        _, admission = await self.queue.enter(lambda: self.pools.ask(holder))
        assert admission
        return Entered(self.pools, holder, admission)


@dataclass
class Entered:
    """A call that may be sent."""

    pools: SimulatedPools
    holder: str
    admission: Admission

    async def end(self, failure: CallFailure | None = None) -> None:
        await self.admission.end(failure)
        self.pools.pool.give_back(self.holder, self.pools.now, "" if failure else "all")


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
        return replace(RATE_LIMITED, retry_after_ms=int(pause_s * 1000))


async def send(calls: Calls, provider: Provider) -> None:
    """Sends one call until it is served, as the jobs of waiting workers do."""
    while True:
        try:
            call = await calls.enter()
        except CallError as error:
            wait_ms = max(error.failure.retry_after_ms, error.failure.reopens_ms, 1_000)
            await asyncio.sleep(wait_ms / 1000 * random.uniform(1, 1.25))
            continue
        call.admission.sent()
        refusal = await provider.serve()
        if refusal is None:
            provider.running += 1
            call.admission.accepted()
            await asyncio.sleep(provider.call_s)
            provider.running -= 1
            await call.end()
            return
        await call.end(refusal)
        await asyncio.sleep(max(1, refusal.retry_after_ms / 1000) * random.uniform(1, 1.25))
