"""Whether new jobs are accepted: the limits of the queue, and of the memory of Redis."""

import time
from dataclasses import dataclass
from typing import Any

from loresmith.api.http.problems import Problem
from loresmith.jobs.store.pipeline import PipelineBatcher, StoreUnavailable
from loresmith.jobs.store.server_check import parse_info

RETRY_AFTER_S = 10
CHECK_INTERVAL_S = 1.0


@dataclass(frozen=True)
class QueueLimits:
    """Maximum numbers of unfinished jobs. The scripts that add a job hold them."""

    all: int
    per_user: int


def queue_full(scope: str, limit: int) -> Problem:
    """Returns the problem of a job that exceeds a limit; `scope`: all or user."""
    whose = "of this user" if scope == "user" else "on this server"
    return Problem(
        "queue-full",
        f"{limit} jobs {whose} have not ended yet, and no more are accepted.",
        headers={"Retry-After": str(RETRY_AFTER_S)},
        scope=scope,
        limit=limit,
    )


class MemoryWatermark:
    """Looks at the memory of Redis once a second, when a job arrives.

    Its limit is a share of `maxmemory`, or of the memory of its machine where that is not set.
    """

    def __init__(self, pipeline: PipelineBatcher, share: float) -> None:
        self._pipeline = pipeline
        self._share = share
        self._next_check = 0.0
        self._exceeded = False

    async def is_exceeded(self) -> bool:
        """Returns False where Redis refuses to say. Raises StoreUnavailable while it is away."""
        if (now := time.monotonic()) >= self._next_check:
            self._next_check = now + CHECK_INTERVAL_S
            self._exceeded = await self._look()
        return self._exceeded

    async def _look(self) -> bool:
        try:
            info = parse_info(await self._pipeline.execute("INFO", "memory"))
        except StoreUnavailable:
            if self._pipeline.error:
                raise  # or the request would wait for a second timeout
            return False
        limit = _number(info, "maxmemory") or _number(info, "total_system_memory")
        return 0 < self._share * limit <= _number(info, "used_memory")


def _number(info: dict[str, Any], name: str) -> int:
    text = str(info.get(name, ""))
    return int(text) if text.isdecimal() else 0
