"""The live workers, and how one of them is drained."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from loresmith.api.http.problems import Problem, truncated
from loresmith.api.schemas.representation import timestamp
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.store.queue import listens, rq_name, shutdown_command

MAX_JOBS = 1_000
"""Running jobs that are listed, the newest first."""
JOB_FIELDS = ("id", "type", "message", "progress", "started_ms", "lease_holder")


class WorkerService:
    """Reads the rows that workers write with their heartbeats."""

    def __init__(self, pipeline: PipelineBatcher, queue: str) -> None:
        self._pipeline = pipeline
        self._queue = queue

    async def all(self) -> list[dict[str, Any]]:
        """Returns all live workers that listen to the queue."""
        return [worker for _, worker in await self._workers()]

    async def with_jobs(self) -> list[dict[str, Any]]:
        """Returns them with the jobs that they run."""
        jobs = await self._running_jobs()
        return [worker | {"jobs": jobs[member]} for member, worker in await self._workers()]

    async def drain(self, name: str) -> None:
        """Asks a worker to finish its jobs and stop. Raises Problem when none has the name."""
        known = any(worker["name"] == name for worker in await self.all())
        if not known or not await self._pipeline.execute(*shutdown_command(name)):
            raise Problem("worker-not-found", f"There is no live worker {truncated(name)}.")

    async def _workers(self) -> list[tuple[str, dict[str, Any]]]:
        """Returns the members of `keys.WORKERS`, by the clock of Redis, and their description."""
        execute = self._pipeline.execute
        (seconds, micros), free, running = await asyncio.gather(
            execute("TIME"),
            execute("HGETALL", keys.WORKER_SLOTS),
            execute("HGETALL", keys.WORKER_JOBS),
        )
        now_ms = int(seconds) * 1000 + int(micros) // 1000
        members = await execute("ZRANGEBYSCORE", keys.WORKERS, f"({now_ms}", "+inf")
        return [
            (member, _worker(member, int(free.get(member, 0)), int(running.get(member, 0))))
            for member in members
            if listens(member, self._queue)
        ]

    async def _running_jobs(self) -> Mapping[str, list[dict[str, Any]]]:
        """Returns running jobs by their lease holder, a member of `keys.WORKERS`."""
        execute, index = self._pipeline.execute, keys.by("status", "processing")
        ids = await execute("ZRANGE", index, 0, MAX_JOBS - 1, "REV")
        reads = (execute("HMGET", keys.job(job_id), *JOB_FIELDS) for job_id in ids)
        by_holder: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for values in await asyncio.gather(*reads):
            job = dict(zip(JOB_FIELDS, values, strict=True))
            if job["lease_holder"]:
                by_holder[job["lease_holder"]].append(_job(job))
        return by_holder


def _worker(member: str, free: int, running: int) -> dict[str, Any]:
    free, (_, _, queues) = max(0, free), member.rpartition("@")
    return {
        "name": rq_name(member),
        "slots": running + free,
        "free": free,
        "queues": queues.split(","),
    }


def _job(job: Mapping[str, str]) -> dict[str, Any]:
    return {
        **{name: job[name] for name in ("id", "type", "message")},
        "progress": int(job["progress"]),
        "started_at": timestamp(job["started_ms"]),
    }
