"""Runs one claimed job and stores its outcome."""

import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from loresmith.jobs.core.errors import (
    InternalError,
    JobError,
    JobLost,
    JobStopped,
    JobTypeUnknown,
    TimedOut,
    ValidationFailed,
)
from loresmith.jobs.core.job_record import json_text
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.settings.providers import LIST_SEPARATOR
from loresmith.jobs.core.status import Message, Progress, Status
from loresmith.jobs.core.text import sentence
from loresmith.jobs.safe_http.addresses import AllowList
from loresmith.jobs.safe_http.client import SafeHttpClient
from loresmith.jobs.statistics.token_usage import UsageSample
from loresmith.jobs.store import keys
from loresmith.jobs.types.base import JobType
from loresmith.worker.adapters.archive_sink import ResultArchive
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.adapters.redis_retry import StoreError, retry_until_available
from loresmith.worker.adapters.store_types import AttemptOutcome, ProgressSnapshot
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.hand_over import HandOver
from loresmith.worker.execution.job_context import JobContext
from loresmith.worker.execution.job_http import JobHttp
from loresmith.worker.execution.retry_policy import decide_retry
from loresmith.worker.execution.run_summary import RunSummary
from loresmith.worker.model_client.client import LoreClient
from loresmith.worker.model_client.token_totals import TokenTotals
from loresmith.worker.progress.text_length_stats import TextLengthStats

log = get_logger(__name__)


class JobWaits(JobLost):
    """The job runs again later."""


MAX_CLIMB_S = 2.5
"""How long a ladder may take for its last steps after the last call."""


class Execution:
    """Runs jobs, each on the thread that calls it."""

    def __init__(
        self,
        store: WorkerJobStore,
        client: LoreClient,
        archive: ResultArchive,
        heartbeat_interval_s: float,
        hand_over: HandOver,
        http_allowed: AllowList | None = None,
    ) -> None:
        self._http_allowed = http_allowed or AllowList()
        self._heartbeat_interval_s = heartbeat_interval_s
        self._store = store
        self._client = client
        self._archive = archive
        self._hand_over = hand_over
        self._text_lengths = TextLengthStats()

    def execute(self, attempt: JobAttempt) -> str:
        """Runs a claimed job and stores its outcome; returns the final status, 'waiting' or 'lost'.

        Raises RedisError when the outcome could not be stored; the lease then expires, and another
        worker finds the checkpoints.
        """
        http = JobHttp(attempt, SafeHttpClient(self._http_allowed))
        context = JobContext(
            attempt, self._store, self._client, self._archive, self._text_lengths, http
        )
        try:
            outcome = self._run(attempt, context)
        except JobWaits:
            return "waiting"
        except JobLost:
            return "lost"
        return self._store_outcome(attempt, outcome)

    def _run(self, attempt: JobAttempt, context: JobContext) -> AttemptOutcome:
        """Raises JobLost when the job continues elsewhere or later."""
        try:
            result = _run_job_type(attempt, context)
            return _completed(attempt, context.summary(), result)
        except JobLost:
            raise
        except JobStopped:
            return _cancelled(context.summary())
        except TimedOut as error:
            is_ours = str(error) == str(TimedOut())  # else the lore_service names its limit
            return _failed(context.summary(), attempt.timed_out() if is_ours else error)
        except JobError as error:
            return self._retried_or_failed(attempt, context.summary(), error)
        except (Exception, SystemExit):  # a job type must not end its thread
            reference = secrets.token_hex(4)
            log.exception("internal error", job_id=attempt.job_id, reference=reference)
            message = f"Internal error; the worker's log has details under reference {reference}."
            fault = InternalError(message, reference=reference)
            return self._retried_or_failed(attempt, context.summary(), fault)

    def _retried_or_failed(
        self, attempt: JobAttempt, summary: RunSummary, error: JobError
    ) -> AttemptOutcome:
        """Raises JobWaits when the job will be retried, as another attempt."""
        retry = decide_retry(attempt, error, has_usage=summary.usage != TokenTotals())
        if isinstance(retry, JobError):
            return _failed(summary, retry)
        message = f"{sentence(str(error))} {Message.RETRY_WAIT}"
        answer = retry_until_available(
            lambda: self._store.retry_later(attempt.job, retry, message, summary.usage_fields),
            lambda: attempt.is_lost,
        )
        if answer == "cancel":
            return _cancelled(summary)
        raise JobWaits

    def _store_outcome(self, attempt: JobAttempt, outcome: AttemptOutcome) -> str:
        """Waits for Redis: an outage must not lose a paid result."""
        last: list[ProgressSnapshot] = []
        if outcome.status is Status.COMPLETED:
            self._climb_last_steps(attempt)
            last = attempt.snapshots_above(attempt.claimed_snapshot.progress)
            if attempt.holds_finalizing:
                self._show(attempt, last)
        status, following = retry_until_available(
            lambda: self._store.finish(attempt.job, outcome, last, self._hand_over.free_slots()),
            lambda: attempt.is_lost,
        )
        with suppress(StoreError):  # the reconciler enqueues a job whose message is lost
            self._hand_over.add(following, attempt.entry.queue)
        return status

    def _climb_last_steps(self, attempt: JobAttempt) -> None:
        """Lets the heartbeat thread show the last steps of a ladder."""
        until = time.monotonic() + MAX_CLIMB_S
        while attempt.tracker.climbs_last_steps and not attempt.stop_reason:
            attempt.pause(self._heartbeat_interval_s / 2)
            attempt.tracker.climbs_last_steps &= time.monotonic() < until

    def _show(self, attempt: JobAttempt, last: Sequence[ProgressSnapshot]) -> None:
        """Shows the last progress before the end for one heartbeat."""
        with suppress(StoreError):
            self._store.heartbeat([(attempt.job, snapshot) for snapshot in last])
        attempt.pause(self._heartbeat_interval_s)


def _run_job_type(attempt: JobAttempt, context: JobContext) -> Any:
    job_type = attempt.job_type
    if job_type is None:
        raise JobTypeUnknown(f"This worker does not know the job type {attempt.record['type']!r}.")
    result = job_type.run(_payload(job_type, attempt.record["payload"]), context)
    attempt.finalize()
    return result


def _payload(job_type: JobType[Any], text: str) -> BaseModel:
    try:
        payload: BaseModel = job_type.payload.model_validate_json(text)
        return payload
    except ValidationError as error:
        fields = [
            f"{'.'.join(map(str, detail['loc'])) or 'payload'}: {detail['msg']}"
            for detail in error.errors(include_input=False, include_url=False)
        ]
        raise ValidationFailed("; ".join(fields), fields=fields) from None


def _completed(attempt: JobAttempt, summary: RunSummary, result: Any) -> AttemptOutcome:
    fields = {
        "result": json_text(result),
        "progress": int(Progress.DONE),
        "message": Message.COMPLETED,
        "token_usage": None,
        **summary.usage_fields,
    }
    if not summary.is_representative:
        return AttemptOutcome(Status.COMPLETED, fields)
    fields["token_usage"] = _usage_sample(attempt, summary)
    durations = keys.durations(attempt.record["type"], _requested_model(attempt, summary))
    return AttemptOutcome(Status.COMPLETED, fields, durations)


def _usage_sample(attempt: JobAttempt, summary: RunSummary) -> str | None:
    """Returns the tokens of this run for later estimates; None when they are unknown."""
    usage, limit = summary.usage, summary.max_output_tokens
    if not usage.output_tokens or not limit:
        return None
    counted = int(attempt.record.get("counted_tokens") or 0)
    return str(UsageSample(limit, usage.output_tokens, counted, usage.input_tokens))


def _requested_model(attempt: JobAttempt, summary: RunSummary) -> str:
    """Returns the model that the client named, of a list the one that was asked; empty for none."""
    options: dict[str, Any] = from_json(attempt.record.get("options", "{}"))
    model = options.get("model") or ""
    return summary.asked_model if LIST_SEPARATOR in model else model


def _failed(summary: RunSummary, error: JobError) -> AttemptOutcome:
    fields = {
        "message": Message.FAILED,
        "error": str(error),
        "error_detail": json_text(error.as_detail()),
    }
    return AttemptOutcome(Status.FAILED, fields | summary.partial_fields)


def _cancelled(summary: RunSummary) -> AttemptOutcome:
    fields = {"message": Message.CANCELLED}
    return AttemptOutcome(Status.CANCELLED, fields | summary.partial_fields)
