"""The name, type and TTL of each Redis key. No other Python module spells a key.

RQ's keys (`rq:*`) are used through RQ, by `jobs.store.queue` and the worker. Lua derives the keys
of a job from its id (`lib/common.lua`), so all keys must be on one Redis.
"""

import os

from loresmith.jobs.core.job_record import index_name
from loresmith.jobs.core.settings import Settings

PREFIX = os.environ.get(Settings.variable("prefix"), "")
"""Begins every key, in Python and Lua. Read at import, because a process serves one installation
(docs/decisions/0008).
"""

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

DEADLINES = f"{PREFIX}jobs:deadlines"
"""zset: every unfinished job, scored by the ms when it is due for the reconciler. No TTL."""
CALL_DEADLINES = f"{PREFIX}calls:deadlines"
"""zset: every call in flight, scored by the ms when its lease ends. No TTL."""
UPDATES = f"{PREFIX}updates"
"""stream: the updates of all jobs, capped; read by each api process. No TTL."""
ALL = f"{PREFIX}jobs:all"
"""zset: every job that can be read, by the ms of its creation. No TTL; its entries are pruned."""
ENDED = f"{PREFIX}jobs:ended"
"""zset: jobs that have ended, by the ms of their end. No TTL; pruned."""
EXPIRY = f"{PREFIX}jobs:expiry"
"""zset: jobs that have ended, by the ms when they are deleted. No TTL; pruned."""
CONTENT = f"{PREFIX}jobs:content"
"""zset: ended jobs that are not stored, by the ms when their content is removed. No TTL; pruned."""
COST = f"{PREFIX}jobs:cost"
"""zset: jobs that have ended, by what they cost in micro-dollars. No TTL; pruned."""
DURATION = f"{PREFIX}jobs:duration"
"""zset: jobs that have ended, by the ms from their start to their end. No TTL; pruned."""
INDEXED = f"{PREFIX}jobs:indexed"
"""hash: id of a job that ended or has tags → the names of its indexes. No TTL; pruned."""
BUDGETS = f"{PREFIX}budgets"
"""set: the names of all budgets, scope:id. No TTL."""
RESERVATIONS = f"{PREFIX}reservations"
"""hash: job id, or call_id of a call that outlived its job → its reserved micro-dollars and
spend keys, separated by blanks. No TTL; a field goes when it is settled."""
OUTBOX = f"{PREFIX}outbox"
"""stream: ended jobs on their way to the archive, which removes them. No TTL."""
AUDIT_OUTBOX = f"{PREFIX}audit-outbox"
"""stream: actions on their way to the archive, which removes them. No TTL."""
ARCHIVE = f"{PREFIX}archive"
"""string: the id of the archive that holds the jobs of this Redis. No TTL."""
CACHED_RESPONSES = f"{PREFIX}response-cache"
"""zset: owners and fingerprints of cached responses, by the ms of their expiry. No TTL."""
WORKERS = f"{PREFIX}workers"
"""zset: live workers, by the ms when their heartbeat expires. A worker is its unique name, an @ and
the queues that it listens to, separated by commas. No TTL.
"""
PARTS = f"{PREFIX}live-parts"
"""zset: live workers and lore_services with the fingerprint of their job types, by the ms when
their announcement expires. No TTL; pruned.
"""
POOLS = f"{PREFIX}pools"
"""set: the names of all pools that were used, or got limits. No TTL; the reconciler prunes it."""
WORKER_SLOTS = f"{PREFIX}worker-slots"
"""hash: worker → its free slots. No TTL; a worker's field goes with it."""
PAUSED = f"{PREFIX}gate:paused"
"""hash: what starts nothing (`all`, `pool:…`, `type:…`, `owner:…`) → who paused it, as JSON. No
TTL."""
WORKER_JOBS = f"{PREFIX}worker-jobs"
"""hash: worker → how many jobs it runs. No TTL; a worker's field goes with it."""
LIMITED_OWNERS = f"{PREFIX}limited-owners"
"""set: the owners (`team:…` or `user:…`) that have limits. No TTL."""
EPOCH = f"{PREFIX}epoch"
"""string: counts accepted jobs, purchases and what else must not be forgotten, so that a primary
that has lost some is known. No TTL."""
API_KEYS = f"{PREFIX}keys"
"""zset: the ids of all API keys, also of revoked ones, by the ms of their creation. No TTL."""
API_KEY_CHANGES = f"{PREFIX}keys:changes"
"""stream: the ids of API keys that were created, rotated or revoked, and of sessions that were
ended, capped; read by each api process. No TTL."""


def job(job_id: str) -> str:
    """hash: the record of a job. No TTL while unfinished, its retention from its end."""
    return f"{PREFIX}job:{job_id}"


def gate(queue: str) -> str:
    """hash: the gate of an RQ queue: how many jobs wait, also by lane, and its virtual time. The
    keys that begin with it are those of docs/queue.md. No TTL.
    """
    return f"{PREFIX}gate:queue:{queue}"


def running(owner: str) -> str:
    """set: the jobs of an owner (`team:…` or `user:…`) that are admitted or run. No TTL; pruned."""
    return f"{PREFIX}gate:running:{owner}"


def owner_limits(owner: str) -> str:
    """hash: weight and concurrency of an owner. No TTL."""
    return f"{PREFIX}owner-limits:{owner}"


def by(field: str, value: str) -> str:
    """zset: the jobs whose field has this value, by the ms of their creation. No TTL; pruned."""
    return f"{PREFIX}jobs:by:{index_name(field, value)}"


def updates(job_id: str) -> str:
    """stream: what happened to one job since its creation, capped. TTL with its job."""
    return f"{PREFIX}job:{job_id}:updates"


def steps(job_id: str) -> str:
    """hash: step name → its checkpointed output as JSON. TTL with its job."""
    return f"{PREFIX}job:{job_id}:steps"


def calls(job_id: str) -> str:
    """set: the call_ids of a job. TTL with its job."""
    return f"{PREFIX}job:{job_id}:calls"


def shared(job_id: str) -> str:
    """set: entries of UPDATES with content of a job that is not stored. TTL with its job."""
    return f"{PREFIX}job:{job_id}:shared"


def call(call_id: str) -> str:
    """hash: one row of the call ledger. TTL with its job."""
    return f"{PREFIX}call:{call_id}"


def idempotency(owner: str, key_hash: str) -> str:
    """string: id and fingerprint of the job that a key made. Lives as long as its job."""
    return f"{PREFIX}idem:{owner}:{key_hash}"


def sdk_retries(digest: str) -> str:
    """zset: the jobs of a request of OpenAI's SDK, by the SHA-256 of its user, path and body,
    so that a retry without a key finds its job. Scored by the ms of the last request; once the
    answer was delivered, by minus the ms of the delivery. TTL 2 hours, or 15 minutes
    when all are delivered.
    """
    return f"{PREFIX}sdk-retries:{digest}"


def sdk_retry_job(digest: str) -> str:
    """string: the job that a retry made, because its first request had not come. TTL a minute."""
    return f"{PREFIX}sdk-retries:{digest}:late"


def budget(name: str) -> str:
    """hash: the terms of a budget. No TTL."""
    return f"{PREFIX}budget:{name}"


def spend(name: str, period: str) -> str:
    """hash: what was spent in a window of a budget, and what is reserved, in micro-dollars. TTL 40
    days (of a day) or 400 (of a month); a total has none.
    """
    return f"{PREFIX}spend:{name}:{period}"


def pool(name: str) -> str:
    """hash: the rate limits of a model at a provider's account, and what is left of them: see
    docs/rate-limits.md. TTL a day after its last use; none while it has limits that were set.
    """
    return f"{PREFIX}pool:{name}"


def pool_calls(name: str) -> str:
    """zset: the calls of a pool in flight, and the jobs whose first call is reserved, by the ms
    when their place ends. No TTL.
    """
    return f"{PREFIX}pool-calls:{name}"


def pool_tokens(name: str) -> str:
    """hash: the tokens that each of `pool_calls` took, where the pool has a limit. No TTL."""
    return f"{PREFIX}pool-tokens:{name}"


def job_types(fingerprint: str) -> str:
    """string: the fingerprints of job types by name, as JSON. TTL a day after its last use."""
    return f"{PREFIX}job-types:{fingerprint}"


def api_key(key_id: str) -> str:
    """hash: an API key, with the SHA-256 of its secret. No TTL."""
    return f"{PREFIX}key:{key_id}"


def request_count(key_id: str, minute: int) -> str:
    """string: the requests that an API key with a limit has made in a minute. TTL 2 minutes."""
    return f"{PREFIX}key:{key_id}:requests:{minute}"


def session(session_id: str) -> str:
    """string: the credential of a browser session as JSON, by the SHA-256 of its cookie. TTL
    LORESMITH_SESSION_S.
    """
    return f"{PREFIX}session:{session_id}"


def sessions_of(principal_id: str) -> str:
    """zset: the ids of the sessions of a credential, by the ms of their end. TTL of the newest."""
    return f"{PREFIX}sessions:{principal_id}"


def job_token(digest: str) -> str:
    """string: the terms of a job token as JSON, by its SHA-256. TTL: at most an hour."""
    return f"{PREFIX}job-token:{digest}"


def durations(job_type: str, model: str) -> str:
    """list: seconds of the last 50 runs of a job type on a model, newest first. TTL 30 days."""
    return f"{PREFIX}durations:{job_type}:{model}"


def token_usage(job_type: str, model: str) -> str:
    """list: token usage of the same runs, beside `durations`. TTL 30 days."""
    return f"{PREFIX}token-usage:{job_type}:{model}"


def response(user_id: str, team_id: str | None, request: str) -> str:
    """hash: a cached response of a team, or of a user without one, by the fingerprint of its
    request. TTL as configured.
    """
    owner = f"team:{team_id}" if team_id else f"user:{user_id}"
    return f"{PREFIX}response-cache:{owner}:{request}"


def first_epoch(promotion: str) -> str:
    """string: the epoch of a primary when it was first used; `promotion` is its run_id and
    replication id. TTL 30 days.
    """
    return f"{PREFIX}epoch:{promotion}"
