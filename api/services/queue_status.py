"""What waits at the gate of the queue, what holds it back, and what is paused."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from loresmith.api.schemas.queue import ResumeRequest
from loresmith.api.schemas.representation import timestamp
from loresmith.api.services.limits import LimitService, represent_pool
from loresmith.api.services.workers import WorkerService
from loresmith.jobs.core.damaged_record import intact, read_intact
from loresmith.jobs.core.job_record import json_text
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher

MAX_OWNERS = 100


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
        names = [keys.PAUSED, keys.LIMITED_OWNERS]
        reply, workers, paused = await asyncio.gather(
            self._pipeline.script("queue/status", names, self._queue),
            self._workers.all(),
            self.paused(),
        )
        waiting, admitted, startable, lanes, pools = reply
        running = sum(worker["slots"] - worker["free"] for worker in workers)
        more_owners, owners = await self._owners([lane[0] for lane in lanes])
        return {
            "paused": paused,
            "waiting": waiting,
            "admitted": admitted,
            "running": running,
            "workers": workers,
            "wanted_workers": math.ceil((running + admitted + startable) / self._concurrency),
            "pools": await self._pools(lanes, pools),
            "owners": owners,
            "more_owners": more_owners,
            "types": [
                {"type": type, "waiting": count} for type, count in _waiting(lanes, 1).items()
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
        scope = f"{part.scope}:{part.name}" if part.name else part.scope
        _, before = await self._pipeline.script("queue/pause", [keys.PAUSED], scope, value)
        return str(before)

    async def _owners(self, lanes: Sequence[str]) -> tuple[bool, list[dict[str, Any]]]:
        """Returns whether there are more owners, and some of them, the longest wait first."""
        gate = keys.gate(self._queue)
        more, *rows = await self._pipeline.script("queue/owners", [gate], MAX_OWNERS, *lanes)
        limits = {f"{each['scope']}:{each['id']}": each for each in await self._limits.owners()}
        owners = [_owner(row, limits.get(row[0])) for row in rows]
        return bool(more), sorted(owners, key=lambda owner: -owner["longest_wait_s"])

    async def _pools(
        self, lanes: Sequence[Sequence[Any]], pools: Sequence[Sequence[Any]]
    ) -> list[dict[str, Any]]:
        names = [name for name, *_ in pools]
        known = {pool["pool"]: pool for pool in await self._limits.pools(*names)} if names else {}
        waiting = _waiting(lanes, 2)
        return [
            _pool(known.get(name) or represent_pool((name, "", "", 0)), waiting[name], reason)
            for name, reason in sorted(pools, key=lambda pool: str(pool[0]))
        ]


def _waiting(lanes: Iterable[Sequence[Any]], column: int) -> Counter[str]:
    """Counts waiting jobs by a column of their lanes: 1 is the job type, 2 the pool."""
    counts: Counter[str] = Counter()
    for lane in lanes:
        counts[lane[column]] += int(lane[3])
    return counts


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


def _owner(row: Sequence[Any], limits: Mapping[str, Any] | None) -> dict[str, Any]:
    owner, waiting, running, waited_ms = row
    return {
        "owner": owner,
        "waiting": waiting,
        "running": running,
        "weight": limits["weight"] if limits else 1,
        "concurrency": limits["concurrency"] if limits else None,
        "longest_wait_s": int(waited_ms) / 1000,
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
