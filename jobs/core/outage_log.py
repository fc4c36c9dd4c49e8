"""Logs an outage of a server once, and its end once, however many components notice it."""

import logging
import time
from collections.abc import Callable
from threading import Lock

QUIET_S = 2.0
"""A success counts as the end of an outage when nothing has failed for so long, because commands
that were sent before it may still succeed."""


class OutageLog:
    """The present outage of one server, shared by all components of a process."""

    def __init__(
        self, server: str, log: logging.Logger, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._log = log
        self._clock = clock
        self._lock = Lock()
        self._began: float | None = None
        self._failed = 0.0

    def failed(self, error: object) -> None:
        """Notes a failure; logs the first one of an outage."""
        with self._lock:
            self._failed = self._clock()
            if self._began is None:
                self._began = self._failed
                self._log.warning("%s is unavailable: %s", self._server, str(error) or "timeout")

    def succeeded(self) -> None:
        """Notes a success; logs the end of an outage."""
        if self._began is None:
            return
        with self._lock:
            now = self._clock()
            if self._began is not None and now - self._failed >= QUIET_S:
                seconds = now - self._began
                self._log.warning("%s is available again after %.0f s", self._server, seconds)
                self._began = None


REDIS_OUTAGE = OutageLog("Redis", logging.getLogger("loresmith.redis"))
"""The outage of the Redis server, of which every process has one."""
