"""Answers that wait for a job, for as long as the client asks (RFC 7240, `Prefer: wait=n`)."""

import asyncio
import re
from collections.abc import Callable

from starlette.requests import Request

from api.batching import StoreAway
from api.operation import Parameter
from api.problems import invalid, parameter
from api.store import Store
from api.tail import Over, Tail
from jobs.job import Record, is_active

LONGEST_S = 60
PREFERRED = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?:$|[,;\s])")
PREFER = Parameter(
    "Prefer",
    "header",
    f"`wait=n`: answer when there is news, or after n ({LONGEST_S}) seconds",
)
WAIT = Parameter(
    "wait", "query", "The same as `Prefer: wait=n`", {"type": "integer", "minimum": 0}
)  # fmt: skip


def wait_s(request: Request) -> int | None:
    """For how many seconds the client wants to wait; None when it does not say. Raises Problem."""
    asked = request.query_params.get("wait") if request.scope["query_string"] else None
    if asked is not None:
        if not re.fullmatch(r"\d{1,6}", asked):
            raise invalid(parameter("wait", "must be a whole number of seconds"))
        return min(int(asked), LONGEST_S)
    match = PREFERRED.search(request.headers.get("prefer", ""))
    return min(int(match[1]), LONGEST_S) if match else None


class Waiting:
    """Waits for updates, not by asking again and again. Leaving stops the wait, never the job."""

    def __init__(self, store: Store, tail: Tail) -> None:
        self._store = store
        self._tail = tail

    async def for_end(self, job_id: str, seconds: float) -> Record | None:
        """The job once it has ended, or as it is when the time is over."""
        return await self._until(job_id, seconds, lambda record: not is_active(record))

    async def for_news(self, job_id: str, known: str | None, seconds: float) -> Record | None:
        """The job once its version is another one than `known`; without one, once it has ended."""
        return await self._until(
            job_id,
            seconds,
            lambda record: (
                not is_active(record) or (known is not None and record["version"] != known)
            ),
        )

    async def _until(
        self, job_id: str, seconds: float, enough: Callable[[Record], bool]
    ) -> Record | None:
        try:
            with self._tail.watch(lambda _: True, job_id) as watch:
                record = await self._store.read(job_id)
                async with asyncio.timeout(seconds):
                    while record and not enough(record):
                        await watch.next()
                        record = await self._store.read(job_id)
                return record
        except (TimeoutError, Over, StoreAway):
            return await self._store.read(job_id)
