"""Looks after every unfinished job: rings again, takes over, gives up. Runs in workers and apis.

It is why nothing that was accepted is lost: an entry that RQ dropped, a worker that died, a server
that restarted, all end in the `due` index being looked at again.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError

from jobs import keys
from jobs.config import Config
from jobs.doorbell import Doorbell, Ring
from jobs.errors import ExpiredBeforeStart, WorkerLost
from jobs.job import json_text
from jobs.scripts import script
from jobs.states import Message

log = logging.getLogger(__name__)

PAGE = 200
"""Jobs looked at in one script call, so that no call holds the server for long."""


@dataclass(frozen=True)
class Found:
    """What a sweep did about one job."""

    job_id: str
    attempt: int
    what: str


class Sweeper:
    """One process' eye on the due index. `redis` must decode its replies."""

    def __init__(
        self,
        redis: Redis,
        doorbell: Doorbell,
        config: Config,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._doorbell = doorbell
        self._config = config
        self._clock = clock
        self._swept_at = self._settled_at = clock()
        self._holds_cursor = "0"
        lost, late = WorkerLost(), ExpiredBeforeStart()
        self._arguments: list[int] = [PAGE, int(config.ring_again_s * 1000), config.max_lost]
        self._words: list[str] = [
            Message.RECOVERING,
            str(lost),
            json_text(lost.as_detail()),
            str(late),
            json_text(late.as_detail()),
            Message.FAILED,
            Message.CANCELLED,
        ]

    def sweep(self) -> list[Found]:
        """Looks once at all that is due, and rings for what wants a worker."""
        take_over = "1" if self._settled() else "0"
        found: list[Found] = []
        while len(page := self._page(take_over)) >= PAGE:
            found += page
        found += page
        self.tidy()
        self.free_money()
        self._ring([job for job in found if job.what in ("ring", "recovered")])
        for job in found:
            if job.what in ("recovered", "failed", "cancelled", "gone"):
                log.warning(
                    "job %s attempt %s: %s by the sweeper", job.job_id, job.attempt, job.what
                )
        return found

    def _settled(self) -> bool:
        """False for the length of a lease after the server was away, or we were: until then, live
        workers may not have had the time to renew what seems to have lapsed.
        """
        lease_s = self._config.lease_s
        uptime_s = float(self._redis.info("server")["uptime_in_seconds"])
        now = self._clock()
        if now - self._swept_at > lease_s / 2:
            self._settled_at = now + lease_s
        self._swept_at = now
        return uptime_s > lease_s and now >= self._settled_at

    def tidy(self) -> int:
        """Takes some of the jobs that have expired out of the indexes; how many."""
        return int(self._run("tidy", keys.ENDED, PAGE)[0])

    def free_money(self) -> int:
        """Lets go some of the money that is held for nothing, if there is any; how much of it."""
        cursor, freed = self._run("holds", keys.RESERVED, self._holds_cursor, PAGE)
        self._holds_cursor = str(cursor)
        if int(freed):
            log.warning("money was held for nothing by %s jobs or calls", freed)
        return int(freed)

    def _page(self, take_over: str) -> list[Found]:
        reply = self._run("sweep", keys.DUE, *self._arguments, take_over, *self._words)
        return [Found(reply[i], int(reply[i + 1]), reply[i + 2]) for i in range(0, len(reply), 3)]

    def _run(self, name: str, key: str, *arguments: str | int) -> Any:
        lua = script(name)
        try:
            return self._redis.evalsha(lua.sha, 1, key, *arguments)
        except NoScriptError:
            return self._redis.eval(lua.source, 1, key, *arguments)

    def _ring(self, jobs: list[Found]) -> None:
        if not jobs:
            return
        waiting = self._doorbell.waiting()
        rings = [Ring(job.job_id, job.attempt) for job in jobs]
        self._doorbell.ring(ring for ring in rings if ring.entry not in waiting)
