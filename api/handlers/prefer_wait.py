"""Responses that wait for a job, as long as the client asks (RFC 7240, `Prefer: wait=n`)."""

import asyncio
import re
from collections.abc import Callable

from pydantic import Field
from starlette.requests import Request

from loresmith.api.events.broadcaster import EventBroadcaster, SubscriptionClosed
from loresmith.api.http.connection_limits import StreamLimits, TooManyStreams
from loresmith.api.http.params import Parameter
from loresmith.api.http.principals import confirmed_principal
from loresmith.api.http.query import Integer, QueryModel
from loresmith.api.services.job_store import JobStore
from loresmith.jobs.core.job_record import Record, is_active
from loresmith.jobs.store.pipeline import StoreUnavailable

MAX_WAIT_S = 60
PREFERENCE = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?([0-9]{1,6})\"?(?:$|[,;\s])")


class WaitParams(QueryModel):
    """The wait by URL."""

    wait: Integer | None = Field(None, ge=0, description="Like `Prefer: wait=n`")


WAIT_PARAMETERS = (
    Parameter(
        "Prefer",
        "header",
        f"`wait=n`: respond when the job changes, or after n (at most {MAX_WAIT_S}) seconds",
    ),
    *WaitParams.parameters(),
)


def requested_wait_s(request: Request) -> int | None:
    """Returns the seconds that the client asks to wait; None without any. Raises Problem."""
    if request.scope["query_string"]:
        params = WaitParams.from_query(request.query_params)
        if params.wait is not None:
            return min(params.wait, MAX_WAIT_S)
    match = PREFERENCE.search(request.headers.get("prefer", ""))
    return min(int(match[1]), MAX_WAIT_S) if match else None


class PreferWait:
    """Waits for events of a job, without polling. A client that leaves stops the wait only."""

    def __init__(self, broadcaster: EventBroadcaster, streams: StreamLimits) -> None:
        self._broadcaster = broadcaster
        self._streams = streams

    async def until_finished(
        self, request: Request, store: JobStore, job_id: str, timeout_s: float
    ) -> Record | None:
        """Returns the job once it has ended, or as it is after `timeout_s`.

        Raises Problem when the credential of the request ends meanwhile, StoreUnavailable.
        """
        return await self._until(
            request, store, job_id, timeout_s, lambda record: not is_active(record)
        )

    async def until_changed(
        self, request: Request, store: JobStore, job_id: str, version: str, timeout_s: float
    ) -> Record | None:
        """Returns the job once its version differs or it has ended, or after `timeout_s`.

        Raises Problem when the credential of the request ends meanwhile, StoreUnavailable.
        """
        return await self._until(
            request,
            store,
            job_id,
            timeout_s,
            lambda record: not is_active(record) or record["version"] != version,
        )

    async def _until(
        self,
        request: Request,
        store: JobStore,
        job_id: str,
        timeout_s: float,
        satisfied: Callable[[Record], bool],
    ) -> Record | None:
        try:
            with (
                self._streams.open_stream(store.counted_as),
                self._broadcaster.subscribe(lambda _: True, job_id) as subscriber,
            ):
                subscriber.set_principal(await confirmed_principal(request))
                left_s = subscriber.seconds_left
                record = await store.read(job_id)
                async with asyncio.timeout(min(timeout_s, timeout_s if left_s is None else left_s)):
                    while record and not satisfied(record):
                        await subscriber.next()
                        record = await store.read(job_id)
                return record
        except (TimeoutError, SubscriptionClosed, StoreUnavailable, TooManyStreams):
            await confirmed_principal(request)
            return await store.read(job_id)
