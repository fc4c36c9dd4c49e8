"""Logs an outage of a server: its start, a line a minute while it lasts, and its end, however many
components notice it.
"""

import time
from collections.abc import Callable
from threading import Lock

from loresmith.jobs.core.logs import SafeText, StructuredLogger, get_logger, safe

QUIET_S = 2.0
"""A success counts as the end of an outage when nothing has failed for so long, because commands
that were sent before it may still succeed."""
REMINDER_INTERVAL_S = 60.0


class OutageLog:
    """The present outage of one server, shared by all components of a process."""

    def __init__(
        self, server: str, log: StructuredLogger, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._start_text = f"{server} is unavailable"
        self._reminder_text = f"{server} is still unavailable"
        self._end_text = f"{server} is available again"
        self._log = log
        self._clock = clock
        self._lock = Lock()
        self._began: float | None = None
        self._failed = 0.0
        self._logged = 0.0
        self._recovered = False

    @property
    def lasts(self) -> bool:
        return self._began is not None

    def failed(self, error: BaseException | SafeText) -> None:
        """Notes a failure; logs the first one of an outage, and one a minute."""
        with self._lock:
            self._failed = now = self._clock()
            self._recovered = False
            if self._began is None:
                self._began = self._logged = now
                self._log.warning(self._start_text, error=_described(error))
            elif now - self._logged >= REMINDER_INTERVAL_S:
                self._logged = now
                seconds = now - self._began
                self._log.warning(self._reminder_text, seconds=seconds, error=_described(error))

    def succeeded(self) -> None:
        """Notes a success; logs the end of an outage."""
        if self._began is None:
            return
        with self._lock:
            now, self._recovered = self._clock(), True
            if self._began is not None and now - self._failed >= QUIET_S:
                self._log.warning(self._end_text, seconds=round(now - self._began, 1))
                self._began = None

    def watch(self) -> None:
        """Logs the end after a success that came too soon; for a server that is rarely used."""
        if self._recovered:
            self.succeeded()


def _described(error: BaseException | SafeText) -> SafeText:
    return error if isinstance(error, SafeText) else safe(error)


REDIS_OUTAGE = OutageLog("Redis", get_logger("loresmith.redis"))
ARCHIVE_OUTAGE = OutageLog("The archive", get_logger("loresmith.archive"))
SERVICE_OUTAGE = OutageLog("The lore service", get_logger("loresmith.lore_service"))
"""The outages of the servers that all components of a process share."""
