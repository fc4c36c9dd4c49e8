"""Jobs in Redis, as the api reads and changes them. Every change is one Lua script.

A handler reaches jobs through `JobStores.of`, as the principal of its request: `JobStore` answers
for another's job as for one that does not exist, with the same commands.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from starlette.requests import Request

from loresmith.api.http.principals import principal_of
from loresmith.api.http.problems import Problem
from loresmith.api.services.admission import QueueLimits, queue_full
from loresmith.api.services.job_query import JobIds, JobPage, JobQuery, JobSearch
from loresmith.api.services.retry_plan import retry_plan
from loresmith.api.services.run_statistics import RunStatistics
from loresmith.jobs.core.damaged_record import DamagedRecord, check, report
from loresmith.jobs.core.job_record import PriceQuote, Record, Submission
from loresmith.jobs.core.principal import Principal
from loresmith.jobs.core.status import Message
from loresmith.jobs.costs.budgets import BudgetRefusal
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import CommandRefused, PipelineBatcher, StoreUnavailable
from loresmith.jobs.store.queue import JobMessage, messages_of
from loresmith.jobs.store.scripts import flat, pairs

OWNER_FIELDS = ("user_id", "team_id", "delegate")
"""Fields of a record by which a principal owns it."""


QUEUE_POSITION_FIELDS = ("waiting_reason", "waiting_position", "waiting_until_ms", "waiting_width")
"""Names of what jobs/queue_position returns, in the record of a job that waits."""


@dataclass(frozen=True)
class SubmitOutcome:
    """The outcome of a submission."""

    outcome: Literal["created", "existing", "mismatch", "deleted", "refused", "foreign"]
    job_id: str
    """The new job, or the one that the key or id belongs to."""
    record: Record
    """Empty unless the outcome is `created` or `existing`."""
    refusal: BudgetRefusal | None = None
    """The budget that was exceeded, when the outcome is `refused`."""
    admitted: Sequence[JobMessage] = field(default=(), compare=False)
    """The jobs that may start now, and are to be enqueued."""


@dataclass(frozen=True)
class RetryOutcome:
    """The outcome of a retry."""

    outcome: Literal["ok", "gone", "active", "stale", "unknown", "refused", "removed"]
    detail: str
    """ok: the new attempt; active: the status; stale: the present attempt; unknown: the call."""
    refusal: BudgetRefusal | None = None
    admitted: Sequence[JobMessage] = field(default=(), compare=False)


@dataclass(frozen=True)
class JobStores:
    """Opens the jobs of a principal."""

    pipeline: PipelineBatcher
    statistics: RunStatistics
    requeue_after_s: float
    queue: str
    limits: QueueLimits
    search_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One text search at a time has a run in Redis, however many there are."""

    def of(self, request: Request) -> "JobStore":
        """Returns the jobs that the request's principal reaches."""
        return JobStore(self, principal_of(request))


class JobStore:
    """The jobs that a principal reaches.

    Every method raises StoreUnavailable while Redis does not respond or refuses commands.
    """

    def __init__(self, stores: JobStores, principal: Principal) -> None:
        self._pipeline = stores.pipeline
        self._statistics = stores.statistics
        self._requeue_after_ms = int(stores.requeue_after_s * 1000)
        self._queue = stores.queue
        self._search_turn = stores.search_turn
        self._limits = (stores.limits.all, stores.limits.per_user)
        self._principal = principal
        listed_by = principal.listed_by
        self._indexes = (keys.by(*listed_by),) if listed_by else ()

    @property
    def counted_as(self) -> str:
        return self._principal.counted_as

    async def submit(
        self, job_id: str, submission: Submission, price: PriceQuote, slot: str | None
    ) -> SubmitOutcome:
        """Creates the job, unless one exists under its id or idempotency slot (a Redis key).

        Raises Problem when the queue is full.
        """
        duration = await self._statistics.duration(submission.type, submission.model)
        job, fields = keys.job(job_id), submission.fields(price) | duration.fields()
        fields["queue"] = self._queue
        outcome, known_id, *record = await self._pipeline.script(
            "jobs/submit",
            [job, slot or job],
            job_id,
            submission.fingerprint,
            self._requeue_after_ms,
            int(submission.start_deadline_s * 1000),
            submission.indexes(),
            submission.budgets(),
            price.reserve,
            *self._limits,
            *flat(fields),
        )
        if outcome == "full":
            raise queue_full(known_id, int(record[0]))
        if outcome == "refused":
            return SubmitOutcome(outcome, job_id, {}, BudgetRefusal.read([known_id, *record]))
        known: dict[str, Any] = pairs(record[0]) if record else {}
        admitted: list[JobMessage] = []
        if outcome == "created":
            self._pipeline.guard.saw(int(known["epoch"]))
            known |= fields
            admitted = messages_of(record[1])
        texts = {name: str(value) for name, value in known.items() if value is not None}
        if outcome != "created" and texts and not self._principal.reads(texts):
            return SubmitOutcome("foreign", job_id, {})
        return SubmitOutcome(outcome, known_id, texts, admitted=admitted)

    def reads(self, owner: Record) -> bool:
        """Returns whether the principal may read a job, from `user_id` and `team_id` in it."""
        return self._principal.reads(owner)

    async def knows(self, job_id: str, slot: str) -> bool:
        """Returns whether a job, of whomever, has the id, or its idempotency slot is taken."""
        return bool(await self._pipeline.execute("EXISTS", keys.job(job_id), slot))

    async def read(self, job_id: str) -> Record | None:
        """Returns the record; None when the principal has no such job. Raises DamagedRecord."""
        record: Record = await self._pipeline.execute("HGETALL", keys.job(job_id))
        is_visible = "status" in record and self._principal.reads(record)
        return check(job_id, record) if is_visible else None

    async def cancel(self, job_id: str, mode: str, reason: str) -> str:
        """Returns cancelled, cancelling, terminal or gone. `mode`: now or after_current_call."""
        if not await self._may_change(job_id):
            return "gone"
        messages = (Message.CANCELLED, Message.CANCELLING)
        reply = await self._pipeline.script(
            "jobs/cancel",
            [keys.job(job_id)],
            job_id,
            *messages,
            mode,
            reason,
            self._principal.actor,
        )
        return str(reply[0])

    async def retry(
        self,
        job_id: str,
        expected_attempt: int | None,
        accept_duplicate_charge: bool,
    ) -> RetryOutcome:
        """Runs an ended job again; with `accept_duplicate_charge` even after an unknown call.

        Raises Problem when the queue is full.
        """
        if not await self._may_change(job_id):
            return RetryOutcome("gone", "")
        reply = await self._pipeline.script(
            "jobs/retry",
            [keys.job(job_id)],
            job_id,
            "" if expected_attempt is None else expected_attempt,
            "1" if accept_duplicate_charge else "0",
            self._requeue_after_ms,
            Message.CREATED,
            *self._limits,
            self._principal.actor,
        )
        if reply[0] == "full":
            raise queue_full(reply[1], int(reply[2]))
        if reply[0] == "refused":
            return RetryOutcome(reply[0], "", BudgetRefusal.read(reply[1:]))
        admitted = messages_of(reply[2]) if reply[0] == "ok" else ()
        return RetryOutcome(reply[0], str(reply[1]) if len(reply) > 1 else "", admitted=admitted)

    async def retry_plan(self, record: Record) -> dict[str, Any]:
        """Returns which steps a retry would run; changes nothing."""
        return await retry_plan(self._pipeline, record)

    async def mark_seen(self, job_id: str, recovered: bool | None, paused_ms: float | None) -> str:
        """Returns ok, active or gone. None leaves an earlier value as it is."""
        if not await self._may_change(job_id):
            return "gone"
        recovered_flag = None if recovered is None else int(recovered)
        fields = flat({"recovered": recovered_flag, "paused_ms": paused_ms})
        reply = await self._pipeline.script("jobs/mark_seen", [keys.job(job_id)], job_id, *fields)
        return str(reply[0])

    async def find(self, query: JobQuery) -> JobPage:
        """Returns a page of matching jobs without damaged ones; it may be short although more
        follow.
        """
        page = await self.find_ids(query)
        records = await asyncio.gather(*(self._read_intact(job_id) for job_id in page.ids))
        return JobPage([record for record in records if record], page.last)

    async def _read_intact(self, job_id: str) -> Record | None:
        try:
            return await self.read(job_id)
        except CommandRefused as error:
            report(DamagedRecord(f"job {job_id}: {error}"))
            return None
        except DamagedRecord as damage:
            report(damage)
            return None

    async def find_ids(self, query: JobQuery) -> JobIds:
        """Returns the ids of a page, without reading the jobs."""
        query = replace(query, indexes=(*query.indexes, *self._indexes))
        search, page = JobSearch(query), None
        while page is None:
            async with self._search_turn if query.search else nullcontext():
                reply = await self._pipeline.script(
                    "jobs/list", [query.source], *search.arguments()
                )
            page = search.add(reply)
        return page

    async def count_statuses(self, job_ids: Sequence[str]) -> dict[str, int]:
        """Counts some jobs by status."""
        names = (keys.job(job_id) for job_id in job_ids)
        reads = (self._pipeline.execute("HGET", name, "status") for name in names)
        return dict(Counter(status for status in await asyncio.gather(*reads) if status))

    async def with_queue_position(self, record: Record) -> Record:
        """Returns an unfinished job's record with why it waits, and its position in the queue."""
        names = [keys.job(record["id"])]
        reply = await self._pipeline.script("jobs/queue_position", names, record["id"])
        if len(reply) == 1:
            return record
        return {**record, **dict(zip(QUEUE_POSITION_FIELDS, map(str, reply), strict=True))}

    async def count(self, indexes: Sequence[str]) -> dict[str, int]:
        """Counts the jobs that are in all of the indexes, by status."""
        names = (*indexes, *self._indexes)
        counts = pairs(await self._pipeline.script("jobs/count", [], *names))
        return {status: int(number) for status, number in counts.items()}

    async def job_of_slot(self, slot: str) -> Record | None:
        """Returns the job that an idempotency key created, if it still exists."""
        value = await self._pipeline.execute("GET", slot)
        return await self.read(str(value).split(" ")[0]) if value else None

    async def delete(self, job_id: str) -> str:
        """Returns ok, active or gone."""
        if not await self._may_change(job_id):
            return "gone"
        reply = await self._pipeline.script("jobs/delete", [keys.job(job_id)], job_id)
        return str(reply[0])

    async def content_was_read(self, job_id: str) -> None:
        """Removes the content of an ended job that is not stored. The maintenance does so later
        where this fails.
        """
        with suppress(StoreUnavailable):
            await self._pipeline.script("jobs/remove_content", [keys.CONTENT], job_id, 1)

    async def _may_change(self, job_id: str) -> bool:
        """Returns whether the job exists for the principal, who may then change it.

        Raises Problem when the principal may only read it.
        """
        if self._principal.role == "admin" and self._principal.job_id is None:
            return True
        values = await self._pipeline.execute("HMGET", keys.job(job_id), *OWNER_FIELDS)
        owner = {"id": job_id} | dict(zip(OWNER_FIELDS, values, strict=True))
        if self._principal.owns(owner):
            return True
        if self._principal.reads(owner):
            detail = "The job belongs to another user of your team, so you can read it only."
            raise Problem("forbidden", detail)
        return False
