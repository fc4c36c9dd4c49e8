"""The table of the fields of a job's record, the hash `job:{id}` in Redis.

The hash holds texts; `JobField.type` says how to read them. Times are milliseconds since 1970.
docs/job-record.md lists the same fields; a test compares them.
"""

from dataclasses import dataclass
from typing import Literal

from loresmith.jobs.core.duration import DAY_S


@dataclass(frozen=True)
class JobField:
    """One field of the hash `job:{id}`, and where else it appears."""

    name: str
    meaning: str
    type: Literal["text", "json", "integer", "number", "milliseconds"] = "text"
    public: str | None = None
    """Its name in HTTP replies, where its value is shown as it is."""
    submitted: bool = False
    """Written when the job is created, from a Submission."""
    required: bool = False
    """Every record has it; a record without it is damaged."""
    indexed: bool = False
    """Found by `jobs:by:{name}:{value}`, and a filter of GET /jobs."""
    archived: bool = False
    """Sent to the archive when the job has ended."""
    absent: str | float | None = None
    """What a job without the field has. A submission leaves it out, because a million may wait."""


JOB_FIELDS = (
    JobField("id", "id of the job, a UUID", public="id", required=True, archived=True),
    JobField("type", "job type",
             public="type", submitted=True, required=True, indexed=True, archived=True),
    JobField("model", "language model that the client asked for; absent: the server's default",
             public="model", submitted=True, indexed=True, archived=True),
    JobField("session_id", "the client's own session",
             public="session_id", submitted=True, indexed=True, archived=True),
    JobField("user_id", "user who owns the job",
             public="user_id", submitted=True, indexed=True, archived=True),
    JobField("team_id", "team that owns the job, and whose budget applies",
             public="team_id", submitted=True, indexed=True, archived=True),
    JobField("delegate", "credential that created it for its user, and may read and change it",
             submitted=True),
    JobField("batch_key", "batch that the job belongs to",
             public="batch_key", submitted=True, indexed=True),
    JobField("priority", "interactive, normal or batch: which waiting job of an owner starts first",
             public="priority", submitted=True, absent="normal"),
    JobField("pool", "rate limits that its model calls share: provider account and model",
             submitted=True),
    JobField("related_type", "type of the client's object that the job is about", submitted=True),
    JobField("related_id", "id of that object", submitted=True),
    JobField("tags", "tags, a list", "json", public="tags", submitted=True),
    JobField("metadata", "the client's own data", "json", public="metadata", submitted=True),
    JobField("payload", "input of the job", "json", submitted=True, required=True),
    JobField("options", "options of the request", "json", submitted=True, absent="{}"),
    JobField("fingerprint", "hash of the request: equal for two requests that ask for the same"),
    JobField("idempotency_slot", "Redis key that remembers the request's idempotency key"),
    JobField("epoch", "epoch of the server when it accepted the job", "integer"),
    JobField("queue", "RQ's queue; only workers that listen to it run the job"),
    # Life
    JobField("status", "pending, processing, completed, failed, cancelled or skipped",
             public="status", required=True, archived=True),
    JobField("phase", "finer state, for people: queued, generating, retry_wait and others",
             public="phase"),
    JobField("progress", "per cent", "integer", public="progress", required=True),
    JobField("progress_source", "what paces the progress: simulated, tokens, items or steps",
             public="progress_source", required=True),
    JobField("message", "what the job does now, for people",
             public="message", submitted=True, required=True),
    JobField("work_message", "the message that it gets when it starts", submitted=True),
    JobField("work_progress", "the progress that it gets when it starts again", "integer"),
    JobField("step", "step that runs"),
    JobField("items_done", "finished items of the step", "integer"),
    JobField("items_expected", "items that the step will have", "integer"),
    JobField("version", "grows with every change; the ETag",
             "integer", public="version", required=True),
    JobField("last_event", "attempt and number of the last event that its worker wrote"),
    JobField("awaited", "1 when its client waits for the result (`Prefer: wait`), 2 when it reads "
             "the text as it is written", "integer", submitted=True),
    JobField("cancel", "a cancel was requested: now, or after_current_call"),
    JobField("cancel_reason", "why it was cancelled, in the words of the client",
             public="cancel_reason"),
    JobField("created_by", "credential that created it, and its name",
             public="created_by", submitted=True),
    JobField("cancelled_by", "credential that cancelled it", public="cancelled_by"),
    JobField("retried_by", "credential that retried it last", public="retried_by"),
    JobField("store", "0: its content is removed after its end; absent: it stays", "integer",
             submitted=True),
    # Attempts
    JobField("attempt", "number of the attempt; writes of an older attempt are refused",
             "integer", public="attempt", required=True, archived=True),
    JobField("retries", "automatic retries so far", "integer", public="retries"),
    JobField("waits", "waits since the last finished step; they use up no attempt", "integer"),
    JobField("max_attempts", "maximum automatic attempts, with the first",
             "integer", public="max_attempts", submitted=True),
    JobField("generation", "how often its calls may have been bought again", "integer"),
    JobField("on_unknown", "what to do after a call of unknown outcome: ask, fail or retry",
             submitted=True, absent="ask"),
    JobField("consent", "1: the client agreed that a call in flight may be bought again",
             "integer"),
    JobField("lease_holder", "worker that runs it; empty: none", required=True),
    JobField("worker_losses", "workers that it has lost", "integer"),
    JobField("losses_in_a_row", "workers that it has lost since the last finished step",
             "integer"),
    JobField("recovered", "1: the client had lost the job before it saw its end", "integer"),
    # Times
    JobField("created_ms", "created", "milliseconds",
             public="created_at", required=True, archived=True),
    JobField("updated_ms", "last change after its creation", "milliseconds", public="updated_at"),
    JobField("retried_ms", "when a client last had it run again; its limits count from here",
             "milliseconds"),
    JobField("started_ms", "start of the first attempt", "milliseconds", public="started_at"),
    JobField("attempt_started_ms", "start of the present attempt", "milliseconds"),
    JobField("paused_ms", "how long the client could not poll, in milliseconds", "number"),
    JobField("completed_ms", "end, whatever the outcome", "milliseconds",
             public="completed_at", archived=True),
    JobField("expires_ms", "when the record is deleted", "milliseconds", public="expires_at"),
    JobField("next_try_ms", "when the next attempt may start; 0: at once",
             "milliseconds", public="next_try_at"),
    JobField("seen_ms", "when a client marked its end as seen", "milliseconds", public="seen_at"),
    JobField("start_by_ms", "when it fails unless it has started", "milliseconds"),
    JobField("lease_ms", "when the first lease of the attempt ends; 0: no worker has it",
             "milliseconds"),
    JobField("expected_s", "usual duration when it was created, in seconds", "number"),
    JobField("p90_s", "seconds that nine of ten such jobs stay below; absent: 1.5 × expected_s",
             "number"),
    JobField("recent_durations_s", "durations of runs before its start, separated by blanks"),
    JobField("timeout_s", "maximum run time in seconds", "number", submitted=True),
    JobField("start_deadline_s", "seconds from creation or retry until it fails unless started",
             "number", submitted=True, absent=DAY_S),
    JobField("deadline_s", "the same unless it has ended; absent: none",
             "number", submitted=True),
    JobField("retention_s", "seconds from its end until it is deleted", "number", submitted=True,
             absent=DAY_S),
    JobField("world_retention_s", "seconds until the world that it saves is deleted; absent: never",
             "number", submitted=True),
    # Outcome
    JobField("result", "result of a completed job", "json", public="result"),
    JobField("partial_result", "output so far of a job without a result",
             "json", public="partial_result"),
    JobField("error", "why it failed, for people", public="error"),
    JobField("error_detail", "code, message, retryable and more; see docs/errors.md",
             "json", public="error_detail"),
    JobField("content_removed_ms", "when payload and result were removed, of a job not stored",
             "milliseconds", public="content_removed_at"),
    # Cost
    JobField("usage", "tokens and calls", "json", public="usage", archived=True),
    JobField("token_usage", "one sample for the statistics of token usage", "json"),
    JobField("calls", "model calls, without cached ones", "integer", archived=True),
    JobField("spent_micros", "cost so far in micro-dollars", "integer", archived=True),
    JobField("uncertain_micros", "part of it that is an upper bound", "integer", archived=True),
    JobField("likely_micros", "the likely cost: cancelled calls by the tokens that were counted",
             "integer"),
    JobField("upper_micros", "the most that its calls may have cost", "integer"),
    JobField("unpriced", "calls without a known price", "integer"),
    JobField("corrected", "corrections of the cost after the end", "integer"),
    JobField("estimate_micros", "expected cost", "integer", submitted=True, archived=True),
    JobField("reserve_micros", "amount to reserve in budgets",
             "integer", submitted=True, archived=True),
    JobField("reserved_micros", "amount that was reserved; absent: no budget applies", "integer"),
    JobField("max_micros", "maximum cost", "integer", submitted=True),
    JobField("counted_tokens", "input tokens of all requests, by our own count",
             "integer", submitted=True),
    JobField("expected_tokens", "expected input and output tokens of all its calls",
             "integer", submitted=True),
    JobField("expected_calls", "model calls that it makes when all goes well", "integer",
             submitted=True, absent=1),
    JobField("gate_cost", "what its owner paid at the gate: tokens by weight and priority",
             "number"),
    JobField("used_tokens", "input and output tokens of its calls so far", "integer"),
    JobField("budgets", "budgets of its API key and model, which may apply beside those of its "
             "owner and type", submitted=True),
)  # fmt: skip
"""Every field of a job's record. Readers, indexes, replies and the archive follow this table."""
SUBMITTED_FIELDS = tuple(field.name for field in JOB_FIELDS if field.submitted)
ABSENT = {field.name: field.absent for field in JOB_FIELDS}
INDEXED_FIELDS = tuple(field.name for field in JOB_FIELDS if field.indexed)
INDEX_FIELDS = (*INDEXED_FIELDS, "delegate")
"""The fields whose values are index names; jobs have others for their tags and related object."""
ARCHIVED_FIELDS = tuple(field.name for field in JOB_FIELDS if field.archived)
