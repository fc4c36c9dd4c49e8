"""All jobs of a session or a user in one stream, with their counts: `GET /events`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.batching import Batch
from api.news import told
from api.operation import Parameter, operation
from api.problems import echo, invalid, parameter
from api.query import Query
from api.sse import BEGIN, HEARTBEAT, HEARTBEAT_S, EventStream, event
from api.store import Store
from api.streams import EVENTS, RESUME, entries, known
from api.tail import Entry, Fields, Tail, Watch
from jobs import keys
from jobs.job import public
from jobs.states import ACTIVE

TYPES = ("created", "status", "progress", "delta", "item", "step", "usage", "cost", "done")
COUNTED = frozenset({"created", "status", "done"})
"""Types after which the counts may be others."""
COUNTS_S = 0.5
"""Counts are told at most so often."""
MOST_MISSED = 5_000
"""Entries that one resumption reads."""
MINE = (
    Parameter("session_id", "query", "Only jobs of this session"),
    Parameter("user_id", "query", "Only jobs of this user"),
    Parameter("types", "query", f"With commas: only these of {', '.join(TYPES)}"),
)


class Feed:
    """The stream of many jobs."""

    def __init__(self, store: Store, batch: Batch, tail: Tail) -> None:
        self._store = store
        self._batch = batch
        self._tail = tail

    @operation(
        "Follow all jobs",
        {200: EVENTS},
        problems=("validation-error", "temporary-reduced-capacity"),
        parameters=(*MINE, *RESUME),
    )
    async def all(self, request: Request) -> Response:
        """Server-sent events: a `snapshot` with the unfinished `jobs` and the `counts`, then what
        happens to each, and `counts` whenever they change. It has no end; after an id it goes on
        from there, and `reset` comes first when that is not possible.
        """
        mine = _Mine.asked(request)
        await self._tail.ready()
        with ExitStack() as stack:
            watch = stack.enter_context(self._tail.watch(mine.wants))
            past = await self._past(mine, known(request))
            return EventStream(watch, stack.pop_all(), self._follow(watch, past, mine))

    async def _past(self, mine: "_Mine", after: str | None) -> tuple[list[bytes], str]:
        """What comes before the live ones, and the id of the last entry that it has."""
        if after and (missed := await self._missed(after)):
            shown = [_shown(each) for each in missed[1:] if mine.wants(each[1])]
            return shown, missed[-1][0]
        page = await self._store.find(Query(mine.indexes, tuple(sorted(ACTIVE)), limit=100))
        counts = await self._store.count(mine.indexes)
        jobs = [public(record) for record in page.records]
        snapshot = event({"type": "snapshot", "jobs": jobs, "counts": counts})
        return [event({"type": "reset"})] * bool(after) + [snapshot], "0-0"

    async def _missed(self, after: str) -> list[Entry]:
        """The entry that the client has and those after it; empty when it is not held."""
        held = entries(
            await self._batch.execute("XRANGE", keys.UPDATES, after, "+", "COUNT", MOST_MISSED)
        )
        whole = held and held[0][0] == after and len(held) < MOST_MISSED
        return held if whole else []

    async def _follow(
        self, watch: Watch, past: tuple[list[bytes], str], mine: "_Mine"
    ) -> AsyncIterator[bytes]:
        pieces, last = past
        yield BEGIN + b"".join(pieces)
        changed, after = False, _place(last)
        while True:
            try:
                async with asyncio.timeout(COUNTS_S if changed else HEARTBEAT_S):
                    entry = await watch.next()
            except TimeoutError:
                yield await self._counts(mine) if changed else HEARTBEAT
                changed = False
                continue
            if _place(entry[0]) > after:
                changed = changed or entry[1]["type"] in COUNTED
                yield _shown(entry)

    async def _counts(self, mine: "_Mine") -> bytes:
        return event({"type": "counts", "counts": await self._store.count(mine.indexes)})


class _Mine:
    """Whose jobs, and which events of them."""

    def __init__(self, session_id: str | None, user_id: str | None, types: frozenset[str]) -> None:
        self._is = {"session_id": session_id, "user_id": user_id}
        self._types = types
        self.indexes = tuple(keys.by(name, told) for name, told in self._is.items() if told)

    @classmethod
    def asked(cls, request: Request) -> "_Mine":
        """What the query says. Raises Problem."""
        query = request.query_params
        types = {word for word in query.get("types", "").split(",") if word}
        if unknown := sorted(types - set(TYPES)):
            words = f"must be of {', '.join(TYPES)}, not {echo(unknown[0])!r}"
            raise invalid(parameter("types", words))
        return cls(
            query.get("session_id") or None,
            query.get("user_id") or None,
            frozenset(types or set(TYPES) - {"delta"}),
        )

    def wants(self, update: Fields) -> bool:
        mine = all(not told or update.get(name) == told for name, told in self._is.items())
        return mine and update["type"] in self._types


def _shown(entry: Entry) -> bytes:
    shown: dict[str, Any] = told(entry[1]["job"], entry[1])
    return event(shown, entry[0])


def _place(entry_id: str) -> tuple[int, ...]:
    return tuple(map(int, entry_id.split("-")))
