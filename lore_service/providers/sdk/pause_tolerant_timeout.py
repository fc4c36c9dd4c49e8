"""A time limit that lets a process that was paused read what has arrived meanwhile."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from types import TracebackType

LATE_S = 1.0
"""A timer that fires so much too late tells that the process was paused: by SIGSTOP, by a frozen
container, by a machine that swaps."""
GRACE_S = 2.0
"""How long the process then reads before the limit counts. uvloop runs timers before it reads."""


class PauseTolerantTimeout:
    """Raises TimeoutError in its block after `seconds`, counted from the last restart."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(None)
        self._loop = asyncio.get_running_loop()
        self._started_at = self._due_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> "PauseTolerantTimeout":
        await self._timeout.__aenter__()
        self.restart()
        self._check_in(self._seconds)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timer:
            self._timer.cancel()
        await self._timeout.__aexit__(kind, error, traceback)

    def restart(self) -> None:
        """Counts from now: something has arrived."""
        self._started_at = self._loop.time()

    async def restarted_by(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """Yields the chunks; each restarts the timeout."""
        async for chunk in chunks:
            self.restart()
            yield chunk

    def expire(self) -> None:
        """Ends the block now; does nothing when it has ended."""
        with suppress(RuntimeError):
            self._timeout.reschedule(self._loop.time())

    def _check_in(self, seconds: float) -> None:
        self._due_at = self._loop.time() + seconds
        self._timer = self._loop.call_at(self._due_at, self._check)

    def _check(self) -> None:
        now = self._loop.time()
        if now - self._due_at > LATE_S:
            self._check_in(GRACE_S)
        elif (remaining := self._started_at + self._seconds - now) > 0:
            self._check_in(remaining)
        else:
            self.expire()
