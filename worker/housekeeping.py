"""What every worker does for the whole house: sweeping, tidying, and checking the server."""

import logging
import time
from threading import Event, Thread

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from jobs.server_check import SETTINGS, Finding, judge
from jobs.sweeper import Sweeper
from worker.rq_books import RqBooks

log = logging.getLogger(__name__)

TIDY_S = 5.0
CHECK_S = 60.0


class Housekeeping:
    """A thread of its own, so that a slow sweep delays no beat."""

    def __init__(self, sweeper: Sweeper, books: RqBooks, check: "ServerCheck", sweep_s: float):
        self._sweeper = sweeper
        self._books = books
        self._check = check
        self._sweep_s = sweep_s
        self._tidied_at = 0.0
        self._ended = Event()
        self._thread = Thread(target=self._keep, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends it after the round that may be under way."""
        self._ended.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._ended.wait(self._sweep_s):
            try:
                self._round()
            except RedisError as error:
                log.debug("no sweep: %s", error)
            except Exception:
                log.exception("fault of ours in housekeeping; it goes on")

    def _round(self) -> None:
        self._sweeper.sweep()
        now = time.monotonic()
        if now - self._tidied_at >= TIDY_S:
            self._books.tidy()
            self._tidied_at = now
        if now - self._check.asked_at >= CHECK_S:
            self._check.ask()


class ServerCheck:
    """Says loudly what is wrong with the server's settings, once for each time it changes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._known: list[Finding] = []
        self.asked_at = 0.0

    def ask(self) -> list[Finding]:
        """What is wrong now. Raises RedisError."""
        version = str(self._redis.info("server").get("redis_version", ""))
        findings = judge(self._settings(), version)
        for finding in findings:
            if finding not in self._known:
                log.error("%s", finding)
        if self._known and not findings:
            log.info("The server's settings are right now")
        self._known, self.asked_at = findings, time.monotonic()
        return findings

    def _settings(self) -> dict[str, str] | None:
        try:
            found = self._redis.config_get(*SETTINGS)
            return {str(name): str(value) for name, value in found.items()}
        except ResponseError:
            return None
