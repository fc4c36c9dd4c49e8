"""Simulates two lore_services before a provider whose limits change, in virtual time.

    python -m bench.limits [--minutes 20] [--seed 1] [bucket headers window tokens tokens-window]

The pool is that of Redis: a Redis server runs its Lua, with the time of the simulation. The
provider allows 600 requests a minute, then 240, 900 and 600, a quarter of the time each; its
answers take 5 to 60 s; nothing is configured. With `tokens` it counts tokens, 1,000 for each of
these requests: it takes what a request may use, and returns what its answer did not. Prints for
each sort of provider the share of what it allowed that was used, the same of a client that knows
the limits and sends evenly, and the share of the requests that it refused.
"""

import argparse
import heapq
import itertools
import random
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis

from loresmith.jobs.store import keys
from loresmith.jobs.store.scripts import script, with_prelude
from loresmith.lore_service.calls.pool_queue import (
    FIRST_WINDOW,
    REFUSED_WINDOW,
    grown_window,
)
from tests.servers import redis_server

LIMITS = (600, 240, 900, 600)
LATENCY_MS, ANSWER_MS = (50, 150), (5_000, 60_000)
START_MS = 10**9
TOKENS, USED_SHARE, TOKENS_OF_LIMIT = (500, 3_000), (0.2, 0.8), 1_000
FUNCTIONS = {
    "wait": "{ pool_wait(ARGV[1], tonumber(ARGV[3]), now) }",
    "take": "pool_take(ARGV[1], ARGV[3], tonumber(ARGV[4]), now, now + 1000000)",
    "give_back": "{ pool_give_back(ARGV[1], ARGV[3], now, tonumber(ARGV[4])) }",
}
SCRIPTS = {"note_refusal", "note_limits"}


class PoolAtTimes:
    """The functions and scripts of pools, at times that the simulation chooses."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis
        clock = "local now = tonumber(ARGV[2])"
        self._shas = {
            name: self._redis.script_load(with_prelude(f"{clock}\nreturn {code}"))
            for name, code in FUNCTIONS.items()
        }
        for name in SCRIPTS:
            source = script(f"pools/{name}").source
            fixed = source.replace(
                "local now = now_ms()", "local now = tonumber(table.remove(ARGV, 2))"
            )
            self._shas[name] = self._redis.script_load(fixed)

    def __call__(self, name: str, now: float, *arguments: Any) -> Any:
        return self._redis.evalsha(self._shas[name], 0, "p", int(now) + START_MS, *arguments)

    @property
    def running(self) -> int:
        return int(self._redis.zcard(keys.pool_calls("p")))


@dataclass
class Provider:
    """Counts requests or tokens in a bucket of `burst_s` of its rate, or in a sliding minute."""

    quarter_ms: float
    kind: str = "requests"
    burst_s: float = 5.0
    is_sliding: bool = False
    has_headers: bool = False
    left: float = -1.0
    at_ms: float = 0.0
    starts: deque[tuple[float, float]] = field(default_factory=deque)
    in_minute: float = 0.0
    used: float = 0.0

    def limit(self, now: float) -> int:
        limit = LIMITS[min(3, int(now / self.quarter_ms))]
        return limit * TOKENS_OF_LIMIT if self.kind == "tokens" else limit

    def admits(self, now: float, tokens: int) -> bool:
        """Whether it serves a request now; it then takes the tokens."""
        cost = tokens if self.kind == "tokens" else 1
        if self._room(now) < cost:
            return False
        self._take(now, cost)
        return True

    def ended(self, now: float, unused_tokens: int) -> None:
        """Returns the tokens that an answer did not use."""
        if self.kind == "tokens":
            self._room(now)
            self._take(now, -unused_tokens)

    def headers(self, now: float) -> tuple[int, int, int]:
        """Returns the limit, what is left and the ms until it is whole."""
        limit = self.limit(now)
        missing = limit * self.burst_s / 60 - self.left
        return limit, int(self.left), int(missing * 60_000 / limit)

    def _room(self, now: float) -> float:
        limit = self.limit(now)
        if self.is_sliding:
            while self.starts and self.starts[0][0] <= now - 60_000:
                self.in_minute -= self.starts.popleft()[1]
            return limit - self.in_minute
        size = limit * self.burst_s / 60
        filled = self.left + limit * (now - self.at_ms) / 60_000 if self.left >= 0 else size
        self.left, self.at_ms = min(size, filled), now
        return self.left

    def _take(self, now: float, cost: float) -> None:
        self.used += cost
        if self.is_sliding:
            self.starts.append((now, cost))
            self.in_minute += cost
        else:
            self.left -= cost


@dataclass
class LoreService:
    """One process with calls that wait."""

    unanswered: int = 0
    window: float = FIRST_WINDOW
    timer: int = 0
    next_tokens: int = 0


@dataclass
class Call:
    """One request."""

    service: LoreService
    holder: str
    tokens: int
    left: float


class Simulation:
    """Two processes, each with more calls than it may send."""

    def __init__(self, pool: PoolAtTimes, provider: Provider) -> None:
        self.pool, self.provider = pool, provider
        self.sent = self.refused = 0
        self._events: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._numbers = itertools.count()
        self._services = [LoreService(), LoreService()]

    def run(self, end_ms: float) -> None:
        for service in self._services:
            self._at(0, self._ask, service)
        while self._events[0][0] < end_ms:
            now, _, act, arguments = heapq.heappop(self._events)
            act(now, *arguments)

    def _at(self, time: float, act: Callable[..., None], *arguments: Any) -> None:
        heapq.heappush(self._events, (time, next(self._numbers), act, arguments))

    def _ask(self, now: float, service: LoreService) -> None:
        while service.unanswered + 1 <= service.window:
            tokens = service.next_tokens = service.next_tokens or random.randint(*TOKENS)
            if wait_ms := self.pool("wait", now, tokens)[0]:
                service.timer += 1
                self._at(now + wait_ms, self._ask_again, service, service.timer)
                return
            self.sent += 1
            service.next_tokens = 0
            call = Call(service, f"c{self.sent}", tokens, now)
            self.pool("take", now, call.holder, tokens)
            service.unanswered += 1
            self._at(now + random.uniform(*LATENCY_MS) / 2, self._arrive, call)

    def _ask_again(self, now: float, service: LoreService, timer: int) -> None:
        if service.timer == timer:
            self._ask(now, service)

    def _arrive(self, now: float, call: Call) -> None:
        head = self._accept if self.provider.admits(now, call.tokens) else self._refuse
        self._at(now + random.uniform(*LATENCY_MS) / 2, head, call)

    def _accept(self, now: float, call: Call) -> None:
        service = call.service
        service.unanswered -= 1
        service.window = grown_window(service.window)
        if self.provider.has_headers:
            self.pool("note_limits", now, self.provider.kind, *self.provider.headers(now))
        self._at(now + random.uniform(*ANSWER_MS), self._end, call)
        self._ask(now, service)

    def _refuse(self, now: float, call: Call) -> None:
        self.refused += 1
        service = call.service
        arguments = (self.provider.kind, int(now - call.left), 0, service.unanswered)
        self.pool("note_refusal", now, "rate_limited", *arguments)
        self.pool("give_back", now, call.holder, "")
        service.unanswered, service.window = service.unanswered - 1, REFUSED_WINDOW
        self._ask(now, service)

    def _end(self, now: float, call: Call) -> None:
        used = int(call.tokens * random.uniform(*USED_SHARE))
        self.provider.ended(now, call.tokens - used)
        self.pool("give_back", now, call.holder, used)
        for service in self._services:
            self._ask(now, service)


def used_evenly(provider: Provider, end_ms: float) -> float:
    """Returns what a client uses that knows the limits, and sends evenly all the time."""
    step = max(1, provider.limit(0) // LIMITS[0])
    now = 0.0
    while now < end_ms:
        provider.admits(now, step)
        now += 60_000 * step / provider.limit(now)
    return provider.used


def provider_of(sort: str, quarter_ms: float) -> Provider:
    """Returns a provider: bucket, window, headers, tokens or tokens-window."""
    kind = "tokens" if "tokens" in sort else "requests"
    return Provider(quarter_ms, kind, is_sliding="window" in sort, has_headers=sort == "headers")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    sorts = ["bucket", "headers", "window", "tokens", "tokens-window"]
    arguments.add_argument("sorts", nargs="*", default=sorts)
    arguments.add_argument("--minutes", type=float, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    quarter_ms = chosen.minutes * 60_000 / 4
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        redis = Redis.from_url(server.url, decode_responses=True)
        for sort in chosen.sorts:
            random.seed(chosen.seed)
            redis.flushall()
            provider = provider_of(sort, quarter_ms)
            simulation = Simulation(PoolAtTimes(redis), provider)
            simulation.run(4 * quarter_ms)
            allowed = sum(LIMITS) * quarter_ms / 60_000 * provider.limit(0) / LIMITS[0]
            even = used_evenly(provider_of(sort, quarter_ms), 4 * quarter_ms)
            sent, refused = simulation.sent, simulation.refused
            print(
                f"{sort:13} {provider.used / allowed:6.1%} of the allowed used "
                f"(an even client: {even / allowed:.1%})  "
                f"{refused / sent:6.2%} of {sent:,} requests refused",
                flush=True,
            )


if __name__ == "__main__":
    main()
