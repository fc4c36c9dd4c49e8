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
from loresmith.api.services.limits import LimitService, represent_pool
from loresmith.api.services.queue_forecast import Lane, OwnerJobs, scope_of, startable
from loresmith.api.services.workers import WorkerService
from loresmith.jobs.core.damaged_record import intact, read_intact
from loresmith.jobs.core.job_record import json_text
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher

MAX_OWNERS = 100
"""Owners in a reply; twice as many are looked at."""
MAX_LANES = 200
"""Lanes in which the jobs of an owner are counted."""


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
        reply, workers, pauses, limited = await asyncio.gather(
            self._pipeline.script("queue/status", [], self._queue),
            self._workers.all(),
            self.paused(),
            self._limits.owners(),
        )
        waiting, admitted, rows, pools = reply
        lanes = [Lane(name, type, pool, int(count)) for name, type, pool, count in rows]
        limits = {f"{each['scope']}:{each['id']}": each for each in limited}
        paused = {scope_of(pause["scope"], pause["name"]) for pause in pauses}
        owners, more = await self._owners(lanes, limits, paused)
        running = sum(worker["slots"] - worker["free"] for worker in workers)
        rooms = {name: None if room == "" else int(room) for name, _, room in pools}
        limited_jobs = [(each, _concurrency(limits.get(each.owner))) for each in owners]
        wanted_jobs = running + admitted + startable(lanes, rooms, limited_jobs, paused)
        return {
            "paused": pauses,
            "waiting": waiting,
            "admitted": admitted,
            "running": running,
            "workers": workers,
            "wanted_workers": math.ceil(wanted_jobs / self._concurrency),
            "pools": await self._pools(lanes, pools, paused),
            "owners": [_owner(each, limits.get(each.owner)) for each in owners[:MAX_OWNERS]],
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

    async def _owners(
        self, lanes: Sequence[Lane], limits: Collection[str], paused: Collection[str]
    ) -> tuple[list[OwnerJobs], bool]:
        """Returns owners with waiting jobs, the longest wait first, and whether there are others.

        Those that may be limited are looked at first: what they hold back wants no workers. Each
        owner is a short script of its own, so that Redis serves others in between.
        """
        gate, most, execute = keys.gate(self._queue), 2 * MAX_OWNERS, self._pipeline.execute
        names = [lane.name for lane in lanes][:MAX_LANES]
        parked, *lists = await asyncio.gather(
            execute("SRANDMEMBER", f"{gate}:parked", most),
            *(execute("ZRANGE", f"{gate}:lane:{name}", 0, most) for name in names),
        )
        by_pause = [scope.removeprefix("owner:") for scope in paused if scope.startswith("owner:")]
        first = (*by_pause, *parked, *sorted(limits))
        known = list(dict.fromkeys((*first, *(owner for each in lists for owner in each))))
        scripts = (
            self._pipeline.script("queue/owner", [gate], owner, *names) for owner in known[:most]
        )
        replies = zip(known, await asyncio.gather(*scripts), strict=False)
        owners = [_owner_jobs(owner, reply, names) for owner, reply in replies]
        waiting = [owner for owner in owners if owner.total]
        waiting.sort(key=lambda owner: -owner.longest_wait_ms)
        return waiting, len(known) > most or len(waiting) > MAX_OWNERS

    async def _pools(
        self, lanes: Iterable[Lane], pools: Sequence[Sequence[Any]], paused: Collection[str]
    ) -> list[dict[str, Any]]:
        names = [name for name, *_ in pools]
        known = {pool["pool"]: pool for pool in await self._limits.pools(*names)} if names else {}
        waiting = _counts((lane.pool, lane.waiting) for lane in lanes)
        rows = []
        for name, reason, _ in sorted(pools, key=lambda pool: str(pool[0])):
            is_paused = not {"all", scope_of("pool", name)}.isdisjoint(paused)
            pool = known.get(name) or represent_pool((name, "", "", 0, ""))
            rows.append(_pool(pool, waiting[name], "paused" if is_paused else reason))
        return rows


def _counts(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name, count in pairs:
        counts[name] += count
    return counts


def _concurrency(limits: Mapping[str, Any] | None) -> int | None:
    return limits["concurrency"] if limits else None


def _owner_jobs(owner: str, reply: Sequence[Any], lanes: Sequence[str]) -> OwnerJobs:
    running, waited_ms, *counts = map(int, reply)
    return OwnerJobs(owner, running, waited_ms, dict(zip(lanes, counts, strict=True)))


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


def _owner(jobs: OwnerJobs, limits: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "owner": jobs.owner,
        "waiting": jobs.total,
        "running": jobs.running,
        "weight": limits["weight"] if limits else 1,
        "concurrency": _concurrency(limits),
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
