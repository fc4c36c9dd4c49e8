"""Records who changed what.

An entry goes to a stream in Redis, and from there to the archive (`api/background/archiver.py`), so
that no request waits for the database. Entries hold ids and settings, never payloads or secrets.
"""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from loresmith.api.http.principals import principal_of
from loresmith.jobs.core.job_record import json_text, new_id
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.text import valid_text
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import InvalidCommand, PipelineBatcher, StoreUnavailable
from loresmith.jobs.store.scripts import flat

log = get_logger(__name__)

MAX_WAITING = 10_000
"""Entries that a process holds while Redis is unavailable."""
RETRY_INTERVAL_S = 1.0
MAX_LENGTHS = {"actor": 256, "action": 64, "object": 512, "request_id": 64, "address": 64}

Entry = dict[str, str]
"""An entry of the stream."""
Settings = Mapping[str, Any] | None
"""The terms of a budget, the role of a key: what an action changes."""


class AuditLog:
    """Appends entries to the stream. An entry that Redis does not take is tried again."""

    def __init__(self, pipeline: PipelineBatcher) -> None:
        self._pipeline = pipeline
        self._waiting: deque[Entry] = deque(maxlen=MAX_WAITING)
        self._retry: asyncio.Task[None] | None = None

    async def append(self, entry: Entry) -> None:
        """Appends an entry; while Redis is unavailable a task does so later. Never raises."""
        self._waiting.append(entry)
        if not await self._flush() and (self._retry is None or self._retry.done()):
            log.warning("audit entries wait in memory: Redis does not take them")
            self._retry = asyncio.create_task(self._flush_later())

    async def _flush_later(self) -> None:
        await asyncio.sleep(RETRY_INTERVAL_S)
        while not await self._flush():
            await asyncio.sleep(RETRY_INTERVAL_S)

    async def _flush(self) -> bool:
        """Appends what waits. Returns False when something still does."""
        while self._waiting:
            entry = self._waiting.popleft()
            try:
                await self._pipeline.execute("XADD", keys.AUDIT_OUTBOX, "*", *flat(entry))
            except (StoreUnavailable, InvalidCommand):
                self._waiting.appendleft(entry)
                return False
        return True


async def audit(
    request: Request,
    action: str,
    object: str = "",
    before: Settings = None,
    after: Settings = None,
    *,
    actor: str | None = None,
) -> None:
    """Records what the principal of a request did: after the action, before the response.

    `action` is a noun and a verb, `budget.put`; `object` names what it changed,
    `budget user:anna`. `before` and `after` are settings without secrets. `actor` replaces the
    principal where there is none, as in a failed login. Never raises.
    """
    audit_log: AuditLog = request.scope["audit_log"]
    actor = actor or principal_of(request).id
    await audit_log.append(audit_entry(actor, action, object, before, after, request))


def audit_entry(
    actor: str,
    action: str,
    object: str,
    before: Settings = None,
    after: Settings = None,
    request: Request | None = None,
) -> Entry:
    """Returns an entry of now, its texts cut to what the archive takes. `request`: which caused
    it, if any.
    """
    client = request.client if request else None
    entry = {
        "id": new_id(),
        "at_ms": str(time.time_ns() // 1_000_000),
        "actor": actor,
        "action": action,
        "object": object,
        "before": "" if before is None else json_text(before),
        "after": "" if after is None else json_text(after),
        "request_id": request.scope.get("request_id", "") if request else "",
        "address": client.host if client else "",
    }
    texts = {name: valid_text(value).replace("\0", "") for name, value in entry.items()}
    return {name: text[: MAX_LENGTHS.get(name)] for name, text in texts.items()}
