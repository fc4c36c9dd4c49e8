"""Every Redis key of ours: its name, type and time to live. Nothing else spells a key.

RQ's own keys (`rq:*`) are RQ's; only `jobs.doorbell` and the worker touch them, through RQ.

Lua derives a job's satellites from its id by the same patterns (`jobs/lua/_common.lua`), because a
sweep does not know beforehand which jobs it will meet; so all of them must live on one Redis.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import quote

HOUR_MS = 3_600_000
RETENTION_MS = 24 * HOUR_MS
"""How long a finished job and all its satellites stay readable, in milliseconds."""

DUE = "due"
"""zset: every unfinished job, scored by the ms when somebody must look at it next. No TTL."""
CALLS_DUE = "calls:due"
"""zset: every call in flight, scored by the ms its owner's lease ends. No TTL."""
UPDATES = "updates"
"""stream: the updates of all jobs, capped; what a live api process tails. No TTL."""
ALL = "jobs:all"
"""zset: every job that can be read, by the ms of its creation. No TTL; its entries are tidied."""
ENDED = "jobs:ended"
"""zset: jobs that have ended, by the ms when their record expires. No TTL; tidied."""
COST = "jobs:cost"
"""zset: jobs that have ended, by what they cost in micro-dollars. No TTL; tidied."""
LASTED = "jobs:lasted"
"""zset: jobs that have ended, by the ms from their start to their end. No TTL; tidied."""
INDEXED = "jobs:indexed"
"""hash: job id → the names of the indexes it is in, separated by blanks. No TTL; tidied."""
BUDGETS = "budgets"
"""set: the names of all budgets, scope:id. No TTL."""
RESERVED = "reserved"
"""hash: job id, or call_id of a call that outlived its job → the micro-dollars that it holds, and
the spend keys where, separated by blanks. No TTL; a field goes when its money is settled."""
OUTBOX = "outbox"
"""stream: what the archive shall keep of ended jobs; an entry goes once it does. No TTL."""
ANSWERS = "answers"
"""zset: fingerprints of requests whose answers are kept, by the ms of their expiry. No TTL."""
WORKERS = "workers"
"""zset: live workers, scored by the ms until which each vouches for itself. No TTL."""


def job(job_id: str) -> str:
    """hash: the record of a job. No TTL while unfinished, RETENTION_MS from its end."""
    return f"job:{job_id}"


def index_name(field: str, value: str) -> str:
    """What an index is called in the record of a job, and after `jobs:by:`; safe for any value."""
    return f"{field}:{quote(value, safe='')}"


def by(field: str, value: str) -> str:
    """zset: the jobs whose field has this value, by the ms of their creation. No TTL; tidied."""
    return f"jobs:by:{index_name(field, value)}"


def updates(job_id: str) -> str:
    """stream: what happened to one job, capped. TTL with its job."""
    return f"job:{job_id}:updates"


def steps(job_id: str) -> str:
    """hash: step name → its checkpointed output as JSON. TTL with its job."""
    return f"job:{job_id}:steps"


def calls(job_id: str) -> str:
    """set: the call_ids of a job. TTL with its job."""
    return f"job:{job_id}:calls"


def call(call_id: str) -> str:
    """hash: one row of the call ledger. TTL with its job."""
    return f"call:{call_id}"


def idempotency(principal: str, key_hash: str) -> str:
    """string: id and fingerprint of the job that a key made. Lives as long as its job."""
    return f"idem:{principal}:{key_hash}"


@lru_cache(maxsize=4_096)
def budget_name(scope: str, id: str) -> str:
    """What a budget is called in records and answers of scripts; safe for any id."""
    return f"{scope}:{quote(id, safe='')}"


def budget(name: str) -> str:
    """hash: the terms of a budget. No TTL."""
    return f"budget:{name}"


def spend(name: str, period: str) -> str:
    """hash: what was spent in a window of a budget, and what is reserved, in micro-dollars. TTL 40
    days (of a day) or 400 (of a month); a total has none.
    """
    return f"spend:{name}:{period}"


def durations(kind: str, model: str) -> str:
    """list: seconds of the last 50 runs of a kind on a model, newest first. TTL 30 days."""
    return f"durations:{kind}:{model}"


def lengths(kind: str, model: str) -> str:
    """list: tokens of the same runs (jobs.habits.Amounts), beside `durations`. TTL 30 days."""
    return f"lengths:{kind}:{model}"


def answer(request: str) -> str:
    """hash: a kept answer, by the fingerprint of the request that it fits. TTL as configured."""
    return f"answer:{request}"


@dataclass(frozen=True)
class KeyInfo:
    """One row of the catalogue that the leak checker and the documentation read."""

    pattern: str
    type: Literal["hash", "stream", "set", "zset", "string", "list"]
    lives: Literal["for ever", "with its job", "on its own"]
    meaning: str


CATALOGUE = (
    KeyInfo("job:{id}", "hash", "with its job", "the record of a job"),
    KeyInfo("job:{id}:updates", "stream", "with its job", "what happened to it, in order"),
    KeyInfo("job:{id}:steps", "hash", "with its job", "checkpointed outputs by step"),
    KeyInfo("job:{id}:calls", "set", "with its job", "the ids of its model calls"),
    KeyInfo("call:{id}/{step}/{generation}", "hash", "with its job", "a row of the call ledger"),
    KeyInfo("idem:{principal}:{sha256}", "string", "on its own", "the job an idempotency key made"),
    KeyInfo("durations:{kind}:{model}", "list", "on its own", "seconds of the last 50 runs"),
    KeyInfo("budget:{scope}:{id}", "hash", "for ever", "the terms of a budget"),
    KeyInfo("spend:{scope}:{id}:{period}", "hash", "on its own", "spent and reserved in a window"),
    KeyInfo("budgets", "set", "for ever", "the names of all budgets"),
    KeyInfo("reserved", "hash", "for ever", "what jobs and calls hold, and in which budgets"),
    KeyInfo("outbox", "stream", "for ever", "ended jobs on their way to the archive"),
    KeyInfo("lengths:{kind}:{model}", "list", "on its own", "how long requests and answers were"),
    KeyInfo("answer:{request}", "hash", "on its own", "a kept answer to an identical request"),
    KeyInfo("answers", "zset", "for ever", "kept answers by the ms of their expiry"),
    KeyInfo("due", "zset", "for ever", "unfinished jobs by when somebody must look next"),
    KeyInfo("calls:due", "zset", "for ever", "calls in flight by the end of their lease"),
    KeyInfo("updates", "stream", "for ever", "the updates of all jobs, capped"),
    KeyInfo("jobs:all", "zset", "for ever", "every job, by creation"),
    KeyInfo("jobs:by:{field}:{value}", "zset", "for ever", "jobs with this value, by creation"),
    KeyInfo("jobs:ended", "zset", "for ever", "ended jobs by the ms of their expiry"),
    KeyInfo("jobs:cost", "zset", "for ever", "ended jobs by what they cost, in micro-dollars"),
    KeyInfo(
        "jobs:lasted", "zset", "for ever", "ended jobs by the ms from their start to their end"
    ),
    KeyInfo("jobs:indexed", "hash", "for ever", "in which indexes a job is"),
    KeyInfo("workers", "zset", "for ever", "live workers by the end of their word"),
)
