"""Looks after every unfinished job: rings again, takes over, gives up. Runs in workers and apis.

It is why nothing that was accepted is lost: an entry that RQ dropped, a worker that died, a server
that restarted, all end in the `due` index being looked at again.
"""

import logging
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

    def __init__(self, redis: "Redis[Any]", doorbell: Doorbell, config: Config) -> None:
        self._redis = redis
        self._doorbell = doorbell
        self._config = config
        lost, late = WorkerLost(), ExpiredBeforeStart()
        self._arguments = [
            PAGE,
            int(config.ring_again_s * 1000),
            config.max_lost,
        ]
        self._words = [
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
        self._ring([job for job in found if job.what in ("ring", "recovered")])
        for job in found:
            if job.what in ("recovered", "failed", "cancelled", "gone"):
                log.warning("job %s attempt %s: %s by the sweeper", job.job_id, job.attempt, job.what)
        return found

    def _settled(self) -> bool:
        """False while the server has been up for less than a lease: live workers could not renew."""
        return float(self._redis.info("server")["uptime_in_seconds"]) > self._config.lease_s

    def _page(self, take_over: str) -> list[Found]:
        sweep = script("sweep")
        arguments = [1, keys.DUE, *self._arguments, take_over, *self._words]
        try:
            reply = self._redis.evalsha(sweep.sha, *arguments)
        except NoScriptError:
            reply = self._redis.eval(sweep.source, *arguments)
        return [
            Found(reply[i], int(reply[i + 1]), reply[i + 2]) for i in range(0, len(reply), 3)
        ]

    def _ring(self, jobs: list[Found]) -> None:
        if not jobs:
            return
        waiting = self._doorbell.waiting()
        rings = [Ring(job.job_id, job.attempt) for job in jobs]
        self._doorbell.ring(ring for ring in rings if ring.entry not in waiting)
