"""Records refused accesses in the audit, so that many of them do not flood it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from loresmith.api.http.audit import AuditLog, Entry
from loresmith.jobs.core.job_record import json_text

WINDOW_S = 60.0
FLUSH_INTERVAL_S = 5.0
MAX_WINDOWS = 10_000


@dataclass
class Window:
    """A minute of an actor on a route, and its refusals that are not recorded yet."""

    end: float
    waiting: int = 0
    last: Entry | None = None


class RefusalAudit:
    """The first refusal of an actor on a route is recorded at once; those of the next minute, as
    one entry, after that minute or when the api stops.
    """

    def __init__(self, audit_log: AuditLog, clock: Callable[[], float] = time.monotonic) -> None:
        self._audit_log = audit_log
        self._clock = clock
        self._windows: OrderedDict[Hashable, Window] = OrderedDict()
        """The oldest first."""

    async def refused(self, route: object, entry: Entry) -> None:
        """Counts a refusal. Never raises."""
        key = route, entry["actor"]
        window = self._windows.get(key)
        if window and self._clock() < window.end:
            window.waiting += 1
            window.last = entry
            return
        ended = [self._windows.pop(key, None)]
        self._windows[key] = Window(self._clock() + WINDOW_S)
        if len(self._windows) > MAX_WINDOWS:
            ended.append(self._windows.popitem(last=False)[1])
        await self._record(ended)
        await self._append(entry, 1)

    async def flush(self, *, all: bool = False) -> None:
        """Records what waits of the windows that are over; `all`: of every window."""
        now = self._clock()
        over = [key for key, window in self._windows.items() if all or now >= window.end]
        await self._record([self._windows.pop(key) for key in over])

    @asynccontextmanager
    async def flushing(self) -> AsyncIterator[None]:
        """Flushes regularly inside the block, and everything at its end."""
        task = asyncio.create_task(self._flush_for_ever())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.flush(all=True)

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_INTERVAL_S)
            await self.flush()

    async def _record(self, windows: Sequence[Window | None]) -> None:
        for window in windows:
            if window and window.last:
                await self._append(window.last, window.waiting)

    async def _append(self, entry: Entry, count: int) -> None:
        await self._audit_log.append(entry | {"after": json_text({"refusals": count})})
