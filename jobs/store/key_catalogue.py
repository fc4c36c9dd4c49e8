"""The catalogue of Redis keys that the leak checker and the documentation read."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class KeyInfo:
    """One row of the catalogue that the leak checker and the documentation read."""

    pattern: str
    type: Literal["hash", "stream", "set", "zset", "string", "list"]
    lives: Literal["for ever", "with its job", "on its own"]
    meaning: str


CATALOGUE = (
    KeyInfo("job:{id}", "hash", "with its job", "the record of a job"),
    KeyInfo(
        "job:{id}:updates",
        "stream",
        "with its job",
        "what happened to it since its creation, in order",
    ),
    KeyInfo("job:{id}:steps", "hash", "with its job", "checkpointed outputs by step"),
    KeyInfo("job:{id}:calls", "set", "with its job", "the ids of its model calls"),
    KeyInfo("job:{id}:shared", "set", "with its job", "entries of `updates` with its content"),
    KeyInfo("call:{id}/{step}/{generation}", "hash", "with its job", "a row of the call ledger"),
    KeyInfo("idem:{owner}:{sha256}", "string", "on its own", "the job an idempotency key made"),
    KeyInfo("sdk-retries:{sha256}", "zset", "on its own", "the jobs of a request without a key"),
    KeyInfo("sdk-retries:{sha256}:late", "string", "on its own", "the job that a retry made"),
    KeyInfo("durations:{job_type}:{model}", "list", "on its own", "seconds of the last 50 runs"),
    KeyInfo("budget:{scope}:{id}", "hash", "for ever", "the terms of a budget"),
    KeyInfo("spend:{scope}:{id}:{period}", "hash", "on its own", "spent and reserved in a window"),
    KeyInfo("budgets", "set", "for ever", "the names of all budgets"),
    KeyInfo(
        "reservations", "hash", "for ever", "reserved amounts by job or call, with their budgets"
    ),
    KeyInfo("outbox", "stream", "for ever", "ended jobs on their way to the archive"),
    KeyInfo("audit-outbox", "stream", "for ever", "who changed what, on its way to the archive"),
    KeyInfo("archive", "string", "for ever", "the id of the archive that holds the jobs"),
    KeyInfo(
        "token-usage:{job_type}:{model}", "list", "on its own", "how long requests and answers were"
    ),
    KeyInfo("response-cache:{scope}:{owner}:{request}", "hash", "on its own", "a cached response"),
    KeyInfo("response-cache", "zset", "for ever", "cached responses by the ms of their expiry"),
    KeyInfo("key:{id}", "hash", "for ever", "an API key, without its secret"),
    KeyInfo("key:{id}:requests:{minute}", "string", "on its own", "requests within a minute"),
    KeyInfo("session:{sha256}", "string", "on its own", "who a browser session acts for"),
    KeyInfo("sessions:{kind}:{id}", "zset", "on its own", "the sessions of a credential"),
    KeyInfo("job-token:{sha256}", "string", "on its own", "a job that a token may reach"),
    KeyInfo("keys", "zset", "for ever", "the ids of all API keys, by creation"),
    KeyInfo("keys:changes", "stream", "for ever", "changed API keys, for the caches, capped"),
    KeyInfo("jobs:deadlines", "zset", "for ever", "unfinished jobs by the ms when they are due"),
    KeyInfo("calls:deadlines", "zset", "for ever", "calls in flight by the end of their lease"),
    KeyInfo("updates", "stream", "for ever", "the updates of all jobs, capped"),
    KeyInfo("jobs:all", "zset", "for ever", "every job, by creation"),
    KeyInfo("jobs:by:{field}:{value}", "zset", "for ever", "jobs with this value, by creation"),
    KeyInfo("jobs:ended", "zset", "for ever", "ended jobs by the ms of their end"),
    KeyInfo("jobs:expiry", "zset", "for ever", "ended jobs by the ms when they are deleted"),
    KeyInfo("jobs:content", "zset", "for ever", "ended jobs by the removal of their content"),
    KeyInfo("jobs:cost", "zset", "for ever", "ended jobs by what they cost, in micro-dollars"),
    KeyInfo(
        "jobs:duration", "zset", "for ever", "ended jobs by the ms from their start to their end"
    ),
    KeyInfo("jobs:indexed", "hash", "for ever", "the indexes of jobs that ended or have tags"),
    KeyInfo("workers", "zset", "for ever", "live workers, by heartbeat expiry"),
    KeyInfo("live-parts", "zset", "for ever", "live workers and lore_services, by expiry"),
    KeyInfo("job-types:{fingerprint}", "string", "on its own", "job types that parts have"),
    KeyInfo("pools", "set", "for ever", "the names of all pools"),
    KeyInfo("pool:{pool...}", "hash", "on its own", "the rate limits of a pool, and what is left"),
    KeyInfo("pool-calls:{pool...}", "zset", "for ever", "calls in flight by the end of a place"),
    KeyInfo("pool-tokens:{pool...}", "hash", "for ever", "the tokens that each of them took"),
    KeyInfo("worker-slots", "hash", "for ever", "their free slots"),
    KeyInfo("gate:paused", "hash", "for ever", "what starts nothing, and who paused it"),
    KeyInfo("gate:queue:{queue}", "hash", "for ever", "how many jobs wait, and the virtual time"),
    KeyInfo("gate:queue:{queue}:lanes", "zset", "for ever", "lanes by their smallest start tag"),
    KeyInfo("gate:queue:{queue}:closed", "zset", "for ever", "closed lanes by the next look"),
    KeyInfo("gate:queue:{queue}:lane:{lane...}", "zset", "for ever", "owners by start tag"),
    KeyInfo("gate:queue:{queue}:jobs:{lane and owner...}", "zset", "for ever", "jobs by age"),
    KeyInfo("gate:queue:{queue}:tags", "zset", "for ever", "owners by finish tag"),
    KeyInfo("gate:queue:{queue}:admitted", "zset", "for ever", "jobs that a worker may claim"),
    KeyInfo("gate:queue:{queue}:parked", "set", "for ever", "owners that wait aside in some lanes"),
    KeyInfo("gate:queue:{queue}:parked:{owner...}", "set", "for ever", "the lanes of one of them"),
    KeyInfo("gate:running:{owner...}", "set", "for ever", "jobs of an owner, admitted or running"),
    KeyInfo("worker-jobs", "hash", "for ever", "how many jobs they run"),
    KeyInfo("limited-owners", "set", "for ever", "owners that have limits"),
    KeyInfo("owner-limits:{owner...}", "hash", "for ever", "weight and concurrency of an owner"),
    KeyInfo("epoch:{promotion}", "string", "on its own", "the epoch of a primary when first used"),
    KeyInfo("epoch", "string", "for ever", "counts the writes that a failover must not forget"),
)
