"""Calls the stores of the api, the worker and the lore_service, with default arguments for tests.

Arguments and replies of the scripts are the business of those stores. Only `Store.run` calls a
script itself: for arguments that no store sends, to test what the script does with them.
"""

from contextlib import suppress
from itertools import count
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from loresmith.api.http.problems import Problem
from loresmith.api.services.admission import QueueLimits
from loresmith.api.services.job_query import JobIds, JobQuery
from loresmith.api.services.job_store import JobStore, JobStores, RetryOutcome, SubmitOutcome
from loresmith.jobs.core.job_record import Submission
from loresmith.jobs.core.principal import Principal
from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import JobMessage
from loresmith.jobs.store.reconciler import Reconciler
from loresmith.lore_service.ledger.ledger import (
    CachePolicy,
    CallId,
    IntentReply,
    Ledger,
    Settlement,
)
from loresmith.worker.adapters.store_types import (
    AttemptOutcome,
    BufferedEvent,
    Claim,
    ProgressSnapshot,
    RetryDecision,
)
from tests.store.database import Database, call_id, idempotency_slot
from tests.store.direct import (
    REQUEUE_AFTER_S,
    DirectPipeline,
    FixedStatistics,
    Quote,
    Worker,
    first_of_each,
    result_of,
    settings,
    snapshot,
)

LEASE_MS = 15_000
QUEUE = "lore"
NO_LIMITS = (1_000_000, 1_000_000)
"""Unfinished jobs, in all and of a user."""
MAX_MICROS = 10**12
"""The maximum cost of a job in micro-dollars, where a test does not say."""
CACHE = CachePolicy(ttl_s=60, max_entries=10)
DURATIONS = keys.durations("lore", "m")
PRINCIPAL = Principal(id="key:c", user_id="u", role="admin")
SUBMISSION = {
    "type": "lore", "payload": "{}", "options": "{}", "work_message": "Working", "user_id": "u",
    "timeout_s": 90, "start_deadline_s": keys.DAY_MS / 1000, "fingerprint": "fp",
}  # fmt: skip


class Store(Database):
    """The product's stores on one Redis."""

    def __init__(self, redis: Redis, expected_s: float = 30) -> None:
        super().__init__(redis)
        self._statistics: Any = FixedStatistics(expected_s)
        self._fencing_tokens: dict[str, str] = {}
        self._token_numbers = count(1)

    # --- the stores

    def jobs(
        self, pipeline: Any = None, limits: tuple[int, int] = NO_LIMITS, queue: str = QUEUE
    ) -> JobStore:
        """Returns the api's store, for an admin."""
        pipeline = pipeline or DirectPipeline(self.redis)
        stores = JobStores(pipeline, self._statistics, REQUEUE_AFTER_S, queue, QueueLimits(*limits))
        return JobStore(stores, PRINCIPAL)

    def worker(self, owner: str = "w", requeue_after_s: float = 0) -> Worker:
        return Worker(self.redis, owner, LEASE_MS / 1000, requeue_after_s)

    def ledger(
        self, pipeline: Any = None, owner: str = "lore", cache: CachePolicy = CACHE
    ) -> Ledger:
        pipeline = pipeline or DirectPipeline(self.redis)
        return Ledger(self.redis, pipeline, owner, LEASE_MS / 1000, cache)

    def reconciler(self, max_worker_losses: int = 3) -> Reconciler:
        queue: Any = None
        return Reconciler(self.redis, queue, settings(max_worker_losses))

    # --- the life of a job, in its order

    def submit(
        self, job_id: str = "j", *, key: str = "", queue: str = QUEUE,
        limits: tuple[int, int] = NO_LIMITS, reserve_micros: int = 0,
        max_micros: int | None = None, **fields: Any,
    ) -> SubmitOutcome:  # fmt: skip
        """Submits a job. The outcome `full` is the api's Problem; its record is what that says."""
        submission = Submission(**SUBMISSION | fields)
        price = Quote(maximum=max_micros, reserved=reserve_micros)
        store = self.jobs(None, limits, queue)
        slot = idempotency_slot(key) if key else None
        try:
            return result_of(store.submit(job_id, submission, price, slot))
        except Problem as problem:
            full: Any = "full"
            return SubmitOutcome(full, job_id, problem.more)

    def claim(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", queue: str = QUEUE
    ) -> Claim:
        """Claims a job. Raises ResponseError."""
        (claim,) = self.worker(owner).claim({JobMessage(job_id, attempt): queue})
        if " " in claim.refusal:
            raise ResponseError(claim.refusal)
        return claim

    def heartbeat(
        self, *snapshots: tuple[JobMessage, ProgressSnapshot], owner: str = "w"
    ) -> list[str]:
        return self.worker(owner).heartbeat(snapshots)

    def report_progress(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", *,
        progress: int = 21, **fields: str,
    ) -> str:  # fmt: skip
        """Sends a heartbeat of one job; returns the reply about it."""
        return self.heartbeat(snapshot(job_id, attempt, progress, **fields), owner=owner)[0]

    def append_event(
        self, number: int = 1, *, job_id: str = "j", attempt: int = 1, owner: str = "w",
        kind: Any = "delta", step: str = "s", count: int = 0, value: str = "Once upon",
    ) -> str:  # fmt: skip
        """Appends an event; returns the reply about it. Raises ResponseError."""
        worker, event = self.worker(owner), BufferedEvent(kind, step, value, count, number)
        with suppress(ResponseError):  # of the heartbeat that comes with it
            worker.heartbeat([], [(JobMessage(job_id, attempt), [event])])
        if isinstance(worker.replies[0], ResponseError):
            raise worker.replies[0]
        return str(worker.replies[0][0])

    def checkpoint(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", step: str = "s",
        output: str = "{}", **fields: Any,
    ) -> str | None:  # fmt: skip
        return self.worker(owner).checkpoint(JobMessage(job_id, attempt), step, output, fields)

    def finish(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", outcome: Any = "completed",
        *, durations: str = "", **fields: Any,
    ) -> str:  # fmt: skip
        ending = AttemptOutcome(outcome, fields, durations)
        return self.worker(owner).finish(JobMessage(job_id, attempt), ending)[0]

    def release(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", *, requeue_after_s: float = 0
    ) -> list[JobMessage]:
        worker = self.worker(owner, requeue_after_s)
        return worker.release([JobMessage(job_id, attempt)], "Handed back")

    def retry_later(
        self, job_id: str = "j", attempt: int = 1, owner: str = "w", *,
        delay_s: float = 60, phase: str = "retry_wait", counts: Any = "retry",
    ) -> str:  # fmt: skip
        retry = RetryDecision(delay_s, phase, counts)
        job = JobMessage(job_id, attempt)
        return self.worker(owner).retry_later(job, retry, "Handed back", {})

    def reconcile(
        self, *, take_over: bool = True, max_worker_losses: int = 3
    ) -> dict[str, tuple[int, str]]:
        """Handles a page of jobs; returns attempt and first action by job id."""
        page = self.reconciler(max_worker_losses).handle_page(take_over)
        return {job.job_id: (job.attempt, job.what) for job in first_of_each(page)}

    def cancel(self, job_id: str = "j", mode: str = "now", reason: str = "") -> str:
        return result_of(self.jobs().cancel(job_id, mode, reason))

    def retry(
        self, job_id: str = "j", attempt: int | None = None, *, consent: bool = False,
        limits: tuple[int, int] = NO_LIMITS,
    ) -> RetryOutcome:  # fmt: skip
        """Retries a job. The outcome `full` is the api's Problem."""
        store = self.jobs(None, limits)
        try:
            return result_of(store.retry(job_id, attempt, consent))
        except Problem:
            full: Any = "full"
            return RetryOutcome(full, "")

    def mark_seen(self, job_id: str = "j") -> str:
        return result_of(self.jobs().mark_seen(job_id, False, None))

    def queue_position(self, job_id: str = "j") -> tuple[str, str]:
        """Returns why a job waits, and its position; else what the script says instead, and ''."""
        pipeline = DirectPipeline(self.redis)
        record = result_of(self.jobs(pipeline).with_queue_position({"id": job_id}))
        reason = record.get("waiting_reason", pipeline.reply[0])
        return reason, record.get("waiting_position", "")

    def expire_ended(self) -> int:
        return self.reconciler().expire()

    def remove_content(self, job_id: str = "") -> int:
        """Removes the content of a job that was read, or what is due."""
        if not job_id:
            return self.reconciler().remove_content()
        pipeline = DirectPipeline(self.redis)
        result_of(self.jobs(pipeline).content_was_read(job_id))
        return int(pipeline.reply[0])

    def find(self, query: JobQuery) -> JobIds:
        return result_of(self.jobs().find_ids(query))

    def count(self, *indexes: str) -> dict[str, int]:
        """Returns the statuses that some jobs have, with their numbers."""
        counts = result_of(self.jobs().count(indexes))
        return {status: number for status, number in counts.items() if number}

    def delete(self, job_id: str = "j") -> str:
        return result_of(self.jobs().delete(job_id))

    # --- the call ledger

    def intent(
        self, job_id: str = "j", attempt: int = 1, step: str = "s", generation: int = 0,
        *, owner: str = "lore", fencing_token: str = "", **fields: Any,
    ) -> IntentReply:  # fmt: skip
        """Asks for a call. Without a fencing token it has a new one, with which it is settled.

        A job that was submitted without a maximum cost gets one before its first call with a price.
        """
        if "max_micros" in fields and self.redis.exists(keys.job(job_id)):
            self.redis.hsetnx(keys.job(job_id), "max_micros", MAX_MICROS)
        elif self.redis.hexists(keys.job(job_id), "max_micros"):
            fields["max_micros"] = 0
        call, ledger = CallId(job_id, step, generation), self.ledger(owner=owner)
        token = fencing_token or f"{owner}.{next(self._token_numbers)}"
        reply = result_of(ledger.intent(call, attempt, token, {"model": "m"} | fields))
        if reply.outcome == "go":
            self._fencing_tokens[reply.call_id] = token
        return reply

    def settle(
        self, call: str = call_id(), state: str = "done", *, fencing_token: str = "", **fields: Any
    ) -> str:
        token = fencing_token or self._fencing_tokens.get(call, "none")
        ending = Settlement(call, token, state, {"usage": "{}"} | fields)
        return result_of(self.ledger().settle(ending))

    def call_heartbeat(self, call: str = call_id(), *, owner: str = "lore", text: str = "") -> str:
        return result_of(self.ledger(owner=owner).heartbeat({call: text}))[call]

    def reap(self, owner: str = "reaper") -> dict[str, str]:
        """Returns what was done with each call: unknown or resume."""
        return dict(result_of(self.ledger(owner=owner).reap()))

    def mark_unusable(self, call: str = call_id(), error: str = "no JSON") -> str:
        pipeline = DirectPipeline(self.redis)
        result_of(self.ledger(pipeline).mark_unusable(call, error))
        return str(pipeline.reply[0])

    def note_response_id(
        self, call: str = call_id(), fencing_token: str = "t", response_id: str = "r"
    ) -> str:
        pipeline = DirectPipeline(self.redis)
        result_of(self.ledger(pipeline).note_response_id(call, fencing_token, response_id))
        return str(pipeline.reply[0])

    def cancel_call(self, call: str = call_id()) -> str:
        return result_of(self.ledger().cancel(call))

    def cache_response(
        self, job_id: str = "j", request: str = "same", *, ttl_ms: int = 60_000,
        max_entries: int = 10, **fields: str,
    ) -> int:  # fmt: skip
        """Caches a response; returns how many others were evicted for it."""
        pipeline = DirectPipeline(self.redis)
        ledger = self.ledger(pipeline, cache=CachePolicy(ttl_ms / 1000, max_entries))
        result_of(ledger.cache_response(job_id, request, fields))
        return int(pipeline.reply[0])

    # --- where tests begin

    def running(self, job_id: str = "j", *, owner: str = "w", **submitted: Any) -> str:
        """Submits a job, which a worker claims; returns its id."""
        self.submit(job_id, **submitted)
        self.claim(job_id, owner=owner)
        return job_id

    def calling(self, job_id: str = "j") -> str:
        """Makes a running job with a call in flight; returns the call_id."""
        self.running(job_id)
        return self.intent(job_id).call_id
