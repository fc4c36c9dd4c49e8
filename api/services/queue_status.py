"""What waits at the gate of the queue, what holds it back, and what is paused."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from loresmith.api.schemas.queue import ResumeRequest
from loresmith.api.schemas.representation import timestamp
from loresmith.api.services.limits import LimitService, represent_owner, represent_pool
from loresmith.api.services.queue_forecast import Lane, OwnerJobs, pauses_of, scope_of, startable
from loresmith.api.services.workers import WorkerService
from loresmith.jobs.core.damaged_record import intact, read_intact
from loresmith.jobs.core.job_record import json_text
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher

MAX_OWNERS = 100
"""Owners in a reply; twice as many are looked at."""
MAX_POOLS = 100
"""Pools in a reply: those with the most waiting jobs."""
MAX_LANES = 100
"""Lanes in which the jobs of an owner are counted: those with the most waiting jobs."""
MAX_LOOKS = 400
"""Owners times lanes that one script looks at: about a millisecond."""
MAX_OWNERS_AT_ONCE = 20
"""Owners that one script looks at."""


class QueueService:
    """Reads the gate of one queue, and pauses parts of all queues."""

    def __init__(
        self,
        pipeline: PipelineBatcher,
        limits: LimitService,
        workers: WorkerService,
        *,
        queue: str,
        concurrency: int,
    ) -> None:
        self._pipeline = pipeline
        self._limits = limits
        self._workers = workers
        self._queue = queue
        self._concurrency = concurrency

    async def status(self) -> dict[str, Any]:
        """Returns what waits, why, and which workers there are."""
        lanes, workers, pauses = await asyncio.gather(
            self._lanes(), self._workers.all(), self.paused()
        )
        paused = {scope_of(pause["scope"], pause["name"]) for pause in pauses}
        names = [
            name for name, _ in _counts((each.pool, each.waiting) for each in lanes).most_common()
        ]
        gate_status, (owners, more) = await asyncio.gather(
            self._pipeline.script("queue/status", [], self._queue, *names[:MAX_POOLS]),
            self._owners(lanes, paused),
        )
        waiting, admitted, pools = gate_status
        running = sum(worker["slots"] - worker["free"] for worker in workers)
        rooms = {name: None if room == "" else int(room) for name, _, room in pools}
        limited_jobs = [(jobs, limits["concurrency"]) for jobs, limits in owners]
        wanted_jobs = running + admitted + startable(lanes, rooms, limited_jobs, paused)
        return {
            "paused": pauses,
            "waiting": waiting,
            "admitted": admitted,
            "running": running,
            "workers": workers,
            "wanted_workers": math.ceil(wanted_jobs / self._concurrency),
            "pools": await self._pools(lanes, pools, paused),
            "more_pools": len(names) > MAX_POOLS,
            "owners": [_owner(*each) for each in owners[:MAX_OWNERS]],
            "more_owners": more,
            "types": [
                {"type": type, "waiting": count}
                for type, count in _counts((lane.type, lane.waiting) for lane in lanes).items()
            ],
        }

    async def paused(self) -> list[dict[str, Any]]:
        """Returns what is paused, by scope and name."""
        fields = await self._pipeline.execute("HGETALL", keys.PAUSED)
        return intact(sorted(fields.items()), _pause)

    async def pause(self, part: ResumeRequest, by: str, reason: str) -> None:
        """Lets jobs of a part of the queue wait; running ones go on."""
        now_ms = time.time_ns() // 1_000_000
        await self._set(part, json_text({"by": by, "at": now_ms, "reason": reason}))

    async def resume(self, part: ResumeRequest) -> bool:
        """Returns whether the part was paused."""
        before = await self._set(part, "")
        if part.scope == "owner":
            await self._pipeline.script("queue/unpark", [], self._queue, part.name)
        return bool(before)

    async def _set(self, part: ResumeRequest, value: str) -> str:
        arguments = (scope_of(part.scope, part.name), value)
        _, before = await self._pipeline.script("queue/pause", [keys.PAUSED], *arguments)
        return str(before)

    async def _lanes(self) -> list[Lane]:
        """Returns all lanes, the one with the most waiting jobs first."""
        fields = await self._pipeline.execute("HGETALL", keys.gate(self._queue))
        lanes = []
        for field, text in fields.items():
            name = field.removeprefix("lane:")
            if name != field and text != "0":
                job_type, _, pool = name.partition("|")
                lanes.append(Lane(name, job_type, pool, int(text)))
        return sorted(lanes, key=lambda lane: (-lane.waiting, lane.name))

    async def _owners(
        self, lanes: Sequence[Lane], paused: Collection[str]
    ) -> tuple[list[tuple[OwnerJobs, dict[str, Any]]], bool]:
        """Returns owners with waiting jobs, each with its limits, the longest wait first, and
        whether there are others.

        Those that may be limited are looked at first: what they hold back wants no workers. Each
        script is short, so that Redis serves others in between.
        """
        gate, most, execute = keys.gate(self._queue), 2 * MAX_OWNERS, self._pipeline.execute
        names = [lane.name for lane in lanes][:MAX_LANES]
        parked, limited, *lists = await asyncio.gather(
            execute("SRANDMEMBER", f"{gate}:parked", most),
            execute("SRANDMEMBER", keys.LIMITED_OWNERS, most),
            *(execute("ZRANGE", f"{gate}:lane:{name}", 0, most) for name in names),
        )
        by_pause = [scope.removeprefix("owner:") for scope in paused if scope.startswith("owner:")]
        first = (*by_pause, *parked, *sorted(limited))
        known = list(dict.fromkeys((*first, *(owner for each in lists for owner in each))))
        at_once = max(1, min(MAX_OWNERS_AT_ONCE, MAX_LOOKS // max(1, len(names))))
        pages = [known[at : at + at_once] for at in range(0, min(most, len(known)), at_once)]
        scripts = (
            self._pipeline.script("queue/owners", [gate], len(names), *names, *page)
            for page in pages
        )
        replies = [reply for page in await asyncio.gather(*scripts) for reply in page]
        owners = [
            _owner_jobs(owner, reply, names) for owner, reply in zip(known, replies, strict=False)
        ]
        waiting = [(jobs, limits) for jobs, limits in owners if jobs.total]
        waiting.sort(key=lambda owner: -owner[0].longest_wait_ms)
        return waiting, len(known) > most or len(waiting) > MAX_OWNERS

    async def _pools(
        self, lanes: Iterable[Lane], pools: Sequence[Sequence[Any]], paused: Collection[str]
    ) -> list[dict[str, Any]]:
        names = [name for name, *_ in pools]
        known = {pool["pool"]: pool for pool in await self._limits.pools(*names)} if names else {}
        waiting = _counts((lane.pool, lane.waiting) for lane in lanes)
        rows = []
        for name, reason, _ in sorted(pools, key=lambda pool: str(pool[0])):
            is_paused = not pauses_of(name).isdisjoint(paused)
            pool = known.get(name) or represent_pool((name, "", "", 0, ""))
            rows.append(_pool(pool, waiting[name], "paused" if is_paused else reason))
        return rows


def _counts(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name, count in pairs:
        counts[name] += count
    return counts


def _owner_jobs(
    owner: str, reply: Sequence[Any], lanes: Sequence[str]
) -> tuple[OwnerJobs, dict[str, Any]]:
    """Returns the jobs and the limits of an owner, from the reply of queue/owners."""
    running, waited_ms, weight, concurrency, *counts = reply
    waiting = dict(zip(lanes, map(int, counts), strict=True))
    fields = {"weight": weight or "1", "concurrency": concurrency}
    limits = read_intact(f"limits of {owner}", lambda: represent_owner(owner, fields))
    return OwnerJobs(owner, int(running), int(waited_ms), waiting), limits


def _pool(pool: Mapping[str, Any], waiting: int, reason: str) -> dict[str, Any]:
    return {
        "pool": pool["pool"],
        "waiting": waiting,
        "running": pool["calls"],
        "reason": reason or None,
        "closed_until": pool["closed_until"],
        "closed_reason": pool["closed_reason"],
        "limits": pool["effective"],
    }


def _owner(jobs: OwnerJobs, limits: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "owner": jobs.owner,
        "waiting": jobs.total,
        "running": jobs.running,
        "weight": limits["weight"],
        "concurrency": limits["concurrency"],
        "longest_wait_s": jobs.longest_wait_ms / 1000,
    }


def _pause(field: tuple[str, str]) -> dict[str, Any]:
    scope, value = field
    return read_intact(f"pause of {scope}", lambda: _represent_pause(scope, from_json(value)))


def _represent_pause(scope: str, pause: Mapping[str, Any]) -> dict[str, Any]:
    kind, _, name = scope.partition(":")
    return {
        "scope": kind,
        "name": name or None,
        "by": pause["by"],
        "at": timestamp(str(pause["at"])),
        "reason": pause["reason"],
    }
