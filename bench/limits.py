"""Simulates two lore_services before a provider whose limits change, in virtual time.

    python -m bench.limits [--minutes 20] [bucket headers window ...]

The pool is that of Redis: a Redis server runs its Lua, with the time of the simulation. The
provider allows 600 requests a minute, then 240, 900 and 600, a quarter of the time each; its
answers take 5 to 60 s; nothing is configured. Prints for each sort of provider the share of the
allowed requests that was used, and the share of the sent ones that was refused.
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
from loresmith.jobs.store.scripts import BASE, CONSTANTS, LUA, script
from loresmith.lore_service.calls.pool_queue import FIRST_WINDOW, REFUSED_WINDOW, WINDOW_GROWTH
from tests.servers import redis_server

LIMITS = (600, 240, 900, 600)
LATENCY_MS, ANSWER_MS = (50, 150), (5_000, 60_000)
START_MS = 10**9
TOKENS = 100
FUNCTIONS = {
    "wait": "{ pool_wait(ARGV[1], tonumber(ARGV[3]), now) }",
    "take": "pool_take(ARGV[1], ARGV[3], tonumber(ARGV[4]), now, now + 1000000)",
    "give_back": "{ pool_give_back(ARGV[1], ARGV[3], now, ARGV[4] == 'all' and 'all' or nil) }",
}
SCRIPTS = {"note_refusal", "note_limits"}


class PoolAtTimes:
    """The functions and scripts of pools, at times that the simulation chooses."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis
        prelude = CONSTANTS + "".join((LUA / "lib" / f"{part}.lua").read_text() for part in BASE)
        clock = "local now = tonumber(ARGV[2])"
        self._shas = {
            name: self._redis.script_load(f"{prelude}\n{clock}\nreturn {code}")
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
    """Counts requests in a bucket that holds `burst_s` of its rate, or in a sliding minute."""

    quarter_ms: float
    burst_s: float = 5.0
    is_sliding: bool = False
    has_headers: bool = False
    left: float = -1.0
    at_ms: float = 0.0
    starts: deque[float] = field(default_factory=deque)

    def limit(self, now: float) -> int:
        return LIMITS[min(3, int(now / self.quarter_ms))]

    def admits(self, now: float) -> bool:
        limit = self.limit(now)
        if self.is_sliding:
            while self.starts and self.starts[0] <= now - 60_000:
                self.starts.popleft()
            if len(self.starts) >= limit:
                return False
            self.starts.append(now)
            return True
        size = limit * self.burst_s / 60
        filled = self.left + limit * (now - self.at_ms) / 60_000 if self.left >= 0 else size
        self.left, self.at_ms = min(size, filled), now
        if self.left < 1:
            return False
        self.left -= 1
        return True

    def headers(self, now: float) -> tuple[int, int, int]:
        """Returns the limit, what is left and the ms until it is whole."""
        limit = self.limit(now)
        missing = limit * self.burst_s / 60 - self.left
        return limit, int(self.left), int(missing * 60_000 / limit)


@dataclass
class LoreService:
    """One process with calls that wait."""

    unanswered: int = 0
    window: float = FIRST_WINDOW
    timer: int = 0


class Simulation:
    """Two processes, each with more calls than it may send."""

    def __init__(self, pool: PoolAtTimes, provider: Provider) -> None:
        self.pool, self.provider = pool, provider
        self.sent = self.served = self.refused = 0
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
            if wait_ms := self.pool("wait", now, TOKENS)[0]:
                service.timer += 1
                self._at(now + wait_ms, self._ask_again, service, service.timer)
                return
            self.sent += 1
            holder = f"c{self.sent}"
            self.pool("take", now, holder, TOKENS)
            service.unanswered += 1
            self._at(now + random.uniform(*LATENCY_MS) / 2, self._arrive, service, holder, now)

    def _ask_again(self, now: float, service: LoreService, timer: int) -> None:
        if service.timer == timer:
            self._ask(now, service)

    def _arrive(self, now: float, service: LoreService, holder: str, left: float) -> None:
        head = self._accept if self.provider.admits(now) else self._refuse
        self._at(now + random.uniform(*LATENCY_MS) / 2, head, service, holder, left)

    def _accept(self, now: float, service: LoreService, holder: str, left: float) -> None:
        self.served += 1
        service.unanswered -= 1
        service.window += WINDOW_GROWTH
        if self.provider.has_headers:
            self.pool("note_limits", now, "requests", *self.provider.headers(now))
        self._at(now + random.uniform(*ANSWER_MS), self._end, holder)
        self._ask(now, service)

    def _refuse(self, now: float, service: LoreService, holder: str, left: float) -> None:
        self.refused += 1
        arguments = ("rate_limited", "requests", int(now - left), 0, service.unanswered)
        self.pool("note_refusal", now, *arguments)
        self.pool("give_back", now, holder, "")
        service.unanswered, service.window = service.unanswered - 1, REFUSED_WINDOW
        self._ask(now, service)

    def _end(self, now: float, holder: str) -> None:
        self.pool("give_back", now, holder, "all")
        for service in self._services:
            self._ask(now, service)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("sorts", nargs="*", default=["bucket", "headers", "window"])
    arguments.add_argument("--minutes", type=float, default=20)
    chosen = arguments.parse_args()
    quarter_ms = chosen.minutes * 60_000 / 4
    providers = {
        "bucket": Provider(quarter_ms),
        "headers": Provider(quarter_ms, has_headers=True),
        "window": Provider(quarter_ms, is_sliding=True),
    }
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        redis = Redis.from_url(server.url, decode_responses=True)
        for sort in chosen.sorts:
            random.seed(1)
            redis.flushall()
            simulation = Simulation(PoolAtTimes(redis), providers[sort])
            simulation.run(4 * quarter_ms)
            allowed = sum(LIMITS) * quarter_ms / 60_000
            used, refused = simulation.served / allowed, simulation.refused / simulation.sent
            print(f"{sort:8} {used:7.1%} of the allowed used  {refused:7.2%} of the sent refused")


if __name__ == "__main__":
    main()
