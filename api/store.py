"""Jobs in Redis, as the api sees them. What changes a job is one Lua script."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from api.batching import Batch
from api.history import History
from api.news import so_far
from api.query import Ids, Page, Query
from api.retry_plan import retry_plan
from jobs import keys
from jobs.budgets import Refusal
from jobs.job import Price, Record, Submission, json_text
from jobs.scripts import flat, pairs
from jobs.states import Message


@dataclass(frozen=True)
class Submitted:
    """What became of a create."""

    outcome: Literal["created", "existing", "mismatch", "deleted", "refused"]
    job_id: str
    """Of the job that was made, or that the key or the id belongs to."""
    record: Record
    """Empty unless the outcome is `created` or `existing`."""
    refusal: Refusal | None = None
    """Of the budget that has no room, when it was `refused`."""


@dataclass(frozen=True)
class Retried:
    """What became of a retry."""

    outcome: Literal["ok", "gone", "active", "stale", "unknown", "refused"]
    detail: str
    """The new attempt, the status, the attempt it has, or the call of unknown outcome, in turn."""
    refusal: Refusal | None = None


class Store:
    """Every method raises StoreAway when Redis does not answer or refuses to work."""

    def __init__(self, batch: Batch, history: History, ring_again_s: float) -> None:
        self._batch = batch
        self.history = history
        self._look_ms = int(ring_again_s * 1000)

    async def submit(
        self, job_id: str, wanted: Submission, price: Price, slot: str | None
    ) -> Submitted:
        """Creates the job, unless its id or the slot (a Redis key, or None) knows one already."""
        usual = await self.history.usual(wanted.type, wanted.model)
        job, fields = keys.job(job_id), wanted.fields(usual, price)
        outcome, known_id, *record = await self._batch.script(
            "submit",
            [job, slot or job],
            job_id,
            wanted.fingerprint,
            self._look_ms,
            int(wanted.start_within_s * 1000),
            wanted.indexes(),
            wanted.budgets(),
            price.reserve,
            *flat(fields),
        )
        if outcome == "refused":
            return Submitted(outcome, job_id, {}, Refusal.read([known_id, *record]))
        known: dict[str, Any] = pairs(record[0]) if record else {}
        if outcome == "created":
            known |= fields
        texts = {name: str(value) for name, value in known.items() if value is not None}
        return Submitted(outcome, known_id, texts)

    async def read(self, job_id: str) -> Record | None:
        """The record, or None when there is no such job."""
        record: Record = await self._batch.execute("HGETALL", keys.job(job_id))
        return record if "status" in record else None

    async def cancel(self, job_id: str, mode: str, reason: str) -> str:
        """cancelled | cancelling | terminal | gone. `mode` is now or after_current_call."""
        words = (Message.CANCELLED, Message.CANCELLING)
        answer = await self._batch.script(
            "cancel", [keys.job(job_id)], job_id, *words, mode, reason
        )
        return str(answer[0])

    async def retry(
        self, job_id: str, expected_attempt: int | None, consent: bool, start_within_s: float
    ) -> Retried:
        """Runs an ended job again. `consent` allows to buy a call of unknown outcome again."""
        answer = await self._batch.script(
            "retry",
            [keys.job(job_id)],
            job_id,
            "" if expected_attempt is None else expected_attempt,
            "1" if consent else "0",
            self._look_ms,
            int(start_within_s * 1000),
            Message.CREATED,
        )
        if answer[0] == "refused":
            return Retried(answer[0], "", Refusal.read(answer[1:]))
        return Retried(answer[0], str(answer[1]) if len(answer) > 1 else "")

    async def retry_plan(self, record: Record) -> dict[str, Any]:
        """What a retry would keep and buy; changes nothing."""
        return await retry_plan(self._batch, record)

    async def seen(self, job_id: str, recovered: bool | None, paused_ms: float | None) -> str:
        """ok | active | gone. What is None stays as it was told before."""
        noted = None if recovered is None else int(recovered)
        told = flat({"recovered": noted, "paused_ms": paused_ms})
        answer = await self._batch.script("seen", [keys.job(job_id)], job_id, *told)
        return str(answer[0])

    async def find(self, query: Query) -> Page:
        """The jobs that fit. Bounded work: a page may be short though more follow."""
        page = await self.find_ids(query)
        records = await asyncio.gather(*(self.read(job_id) for job_id in page.ids))
        return Page([record for record in records if record], page.last)

    async def find_ids(self, query: Query) -> Ids:
        """The same, without reading them."""
        page = await self._batch.script("list", [query.source], *query.arguments())
        return Ids(page[2:], (page[0], page[1]))

    async def waiting(self, record: Record) -> Record:
        """The record of an unfinished job together with why it waits, if it does."""
        job_id = record["id"]
        names = [keys.job(job_id), keys.WORKERS]
        reason, *place = await self._batch.script("waiting", names, job_id)
        if not place:
            return record
        return {**record, "waiting_reason": reason, "waiting_position": str(place[0])}

    async def count(self, indexes: Sequence[str]) -> dict[str, int]:
        """Jobs by status that are in all of the indexes."""
        told = pairs(await self._batch.script("count", [], *indexes))
        return {status: int(number) for status, number in told.items()}

    async def of_slot(self, slot: str) -> Record | None:
        """The job that an idempotency key made, if it can still be read."""
        held = await self._batch.execute("GET", slot)
        return await self.read(str(held).split(" ")[0]) if held else None

    async def with_partial(self, record: Record) -> Record:
        """The record of a running job together with what its call has written so far."""
        held = await self._batch.execute("XRANGE", keys.updates(record["id"]), "-", "+")
        partial = so_far(pairs(fields) for _, fields in held)
        return {**record, "partial_result": json_text(partial)} if partial else record

    async def delete(self, job_id: str) -> str:
        """ok | active | gone."""
        answer = await self._batch.script("delete", [keys.job(job_id)], job_id)
        return str(answer[0])
