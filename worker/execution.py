"""A job's run, from its claimed record to its last word."""

import logging
import secrets
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from jobs import keys
from jobs.crashpoints import crashpoint
from jobs.errors import Internal, JobError, JobLost, JobStopped, ValidationFailed
from jobs.habits import Amounts
from jobs.job import json_text
from jobs.kind import Kind
from jobs.states import Message, Progress, Status
from worker.again import next_try
from worker.context import JobContext
from worker.lengths import Lengths
from worker.lore_client import LoreClient
from worker.patience import patiently
from worker.run import Run
from worker.shelf import Shelf
from worker.store import Outcome, Store

log = logging.getLogger(__name__)


class Execution:
    """Runs jobs, each on the thread that calls it."""

    def __init__(self, store: Store, lore: LoreClient, shelf: Shelf) -> None:
        self._store = store
        self._lore = lore
        self._shelf = shelf
        self._lengths = Lengths()

    def execute(self, run: Run) -> str:
        """Runs a claimed job to its end and writes it. Answers the status it ended in, or 'lost'.

        Raises RedisError when the end could not be written; the lease then passes, and another
        worker finds the checkpoints.
        """
        context = JobContext(run, self._store, self._lore, self._shelf, self._lengths)
        try:
            outcome = self._outcome(run, context)
        except JobLost:
            return "lost"
        status = self._write(run, outcome)
        crashpoint("W6")
        return status

    def _outcome(self, run: Run, context: JobContext) -> Outcome:
        """How it ended. Raises JobLost when it ended for this worker only."""
        try:
            return _completed(run, context, _make(run, context))
        except JobLost:
            raise
        except JobStopped:
            return _cancelled(context)
        except JobError as error:
            return self._try_again(run, context, error) or _failed(context, error)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("job %s: fault of ours, reference %s", run.job_id, reference)
            words = f"A fault of ours; the log of the worker has it under reference {reference}."
            return _failed(context, Internal(words, reference=reference))

    def _try_again(self, run: Run, context: JobContext, error: JobError) -> Outcome | None:
        """Has the job tried again later, where that is right: it is another attempt's then."""
        again = next_try(run.record, error)
        if again is None:
            return None
        message = f"{error} {Message.RETRY_WAIT}"
        said = patiently(
            lambda: self._store.try_again(run.ring, again, message, context.so_far()),
            lambda: isinstance(run.stopped_by, JobLost),
            f"job {run.job_id}: its next try",
        )
        if said == "cancel":
            return _cancelled(context)
        raise JobLost

    def _write(self, run: Run, outcome: Outcome) -> str:
        """Until Redis takes it: a Redis that is away must not cost a paid result."""
        last = run.reading() if outcome.status is Status.COMPLETED else None
        return patiently(
            lambda: self._store.finish(run.ring, outcome, last),
            lambda: run.is_lost,
            f"job {run.job_id}: its end",
        )


def _make(run: Run, context: JobContext) -> Any:
    if run.kind is None:
        raise ValidationFailed(f"This worker knows no job type {run.record['type']!r}.")
    result = run.kind.run(_payload(run.kind, run.record["payload"]), context)
    run.meter.finalize(run.kind.finalizing)
    return result


def _payload(kind: Kind[Any], text: str) -> BaseModel:
    try:
        payload: BaseModel = kind.payload.model_validate_json(text)
        return payload
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc'])) or 'payload'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise ValidationFailed("; ".join(faults), fields=faults) from None


def _completed(run: Run, context: JobContext, result: Any) -> Outcome:
    durations = keys.durations(run.record["type"], _asked_for(run)) if context.made_now else ""
    fields = {
        "result": json_text(result),
        "progress": int(Progress.DONE),
        "message": Message.COMPLETED,
        "lengths": _lengths(run, context) if context.made_now else None,
    }
    return Outcome(Status.COMPLETED, fields | context.so_far(), durations)


def _lengths(run: Run, context: JobContext) -> str | None:
    """What was read and written, for the next estimate; None when no tokens were told."""
    used, counted = context.usage, int(run.record.get("counted_tokens") or 0)
    if not used.output_tokens or not context.bound:
        return None
    return str(Amounts(context.bound, used.output_tokens, counted, used.input_tokens))


def _asked_for(run: Run) -> str:
    """The model that the client named, empty for none: all that is known when a job is made."""
    options: dict[str, Any] = from_json(run.record.get("options", "{}"))
    return options.get("model") or ""


def _failed(context: JobContext, error: JobError) -> Outcome:
    fields = {
        "message": Message.FAILED,
        "error": str(error),
        "error_detail": json_text(error.as_detail()),
    }
    return Outcome(Status.FAILED, fields | _what_there_is(context))


def _cancelled(context: JobContext) -> Outcome:
    fields = {"message": Message.CANCELLED}
    return Outcome(Status.CANCELLED, fields | _what_there_is(context))


def _what_there_is(context: JobContext) -> dict[str, Any]:
    partial = context.partial_result()
    return context.so_far() | {"partial_result": None if partial is None else json_text(partial)}
