"""Checks the invariants from outside when all jobs have ended.

Reads the provider's own ledger file, the responses to the clients, and Redis. Each number in the
printed table counts violations and must be 0.
"""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from redis import Redis

from chaos import budgets
from chaos.clients import Clients, SubmittedJob
from chaos.monkey import Fault
from tests.stack import Stack


@dataclass
class Audit:
    """Violations by invariant, and figures."""

    violations: dict[str, list[Any]] = field(default_factory=dict)
    calls: int = 0
    billed: int = 0
    unknown: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    recovery_s: list[float] = field(default_factory=list)

    def record(self, invariant: str, violations: list[Any]) -> None:
        self.violations[invariant] = violations

    @property
    def clean(self) -> bool:
        return not any(self.violations.values())


def audit(system: Stack, clients: Clients, faults: list[Fault]) -> Audit:
    """Checks all invariants; every process must be up and every job ended."""
    result = Audit()
    redis = system.redis
    jobs = clients.jobs
    for job in jobs:
        status = job.final.get("status", "unfinished")
        result.statuses[status] = result.statuses.get(status, 0) + 1
    result.record("accepted, but not terminal", [job.job_id for job in jobs if not job.final])
    result.record("two jobs for one key", list(clients.double_ids))
    result.record("202, then 404", [job.job_id for job in jobs if _vanished(job)])
    result.record("progress or status decreased", [job.job_id for job in jobs if _decreased(job)])
    result.record("updates out of order", list(_updates_back(redis, jobs)))
    result.record("HTTP 500", [job.job_id for job in jobs if job.server_errors])
    result.record("cancel accepted, then another outcome", list(_cancel_broken(jobs)))
    rows = _check_bills(result, system, redis, jobs)
    for invariant, violations in budgets.checks(system, redis, jobs, rows):
        result.record(invariant, violations)
    result.record("leftovers in Redis", list(leftovers(redis)))
    result.recovery_s = list(_recoveries(redis, jobs, faults))
    return result


def _vanished(job: SubmittedJob) -> bool:
    return any(status == "missing" for _, _, status, _ in job.seen)


def _decreased(job: SubmittedJob) -> bool:
    """Sorts by version first: polls of several threads and apis may be out of order."""
    seen = sorted(row for row in job.seen if row[2] != "missing")
    ranks = {"pending": 0, "processing": 1, "completed": 2, "failed": 2, "cancelled": 2}
    return any(
        later[3] < earlier[3] or ranks[later[2]] < ranks[earlier[2]] or later[1] < earlier[1]
        for earlier, later in itertools.pairwise(seen)
    )


def _updates_back(redis: "Redis[str]", jobs: list[SubmittedJob]) -> Iterator[str]:
    for job in jobs:
        rows = [fields for _, fields in redis.xrange(f"job:{job.job_id}:updates")]
        steps = [(int(row["version"]), int(row["progress"])) for row in rows]
        if any(
            after[0] <= before[0] or after[1] < before[1]
            for before, after in itertools.pairwise(steps)
        ):
            yield job.job_id


def _cancel_broken(jobs: list[SubmittedJob]) -> Iterator[str]:
    for job in jobs:
        if job.cancel_status in (200, 202) and job.final.get("status") != "cancelled":
            yield f"{job.job_id} {job.final.get('status')}"


def _check_bills(
    result: Audit, system: Stack, redis: "Redis[str]", jobs: list[SubmittedJob]
) -> dict[str, dict[str, str]]:
    """Checks the bills and returns the rows of the ledger, by call."""
    bills = system.bills()
    rows = {
        call_id: redis.hgetall(f"call:{call_id}")
        for job in jobs
        for call_id in redis.smembers(f"job:{job.job_id}:calls")
    }
    result.calls, result.billed = len(rows), sum(bills.values())
    result.unknown = sum(row.get("state") == "unknown" for row in rows.values())
    result.record("billed more than once", [call for call, times in bills.items() if times > 1])
    result.record(
        "done, but not billed exactly once",
        [call for call, row in rows.items() if row.get("state") == "done" and bills.get(call) != 1],
    )
    result.record("billed, but not in the ledger", [call for call in bills if call not in rows])
    result.record(
        "billed, but released in the ledger",
        [call for call, row in rows.items() if row.get("state") == "released" and call in bills],
    )
    result.record(
        "calls still open", [call for call, row in rows.items() if row.get("state") == "intent"]
    )
    result.record("completed without its calls", list(_short_of_calls(jobs, rows)))
    return rows


def _short_of_calls(jobs: list[SubmittedJob], rows: dict[str, dict[str, str]]) -> Iterator[str]:
    done: dict[str, int] = {}
    for call_id, row in rows.items():
        if row.get("state") == "done" and row.get("usable") != "0":
            job_id = call_id.split("/")[0]
            done[job_id] = done.get(job_id, 0) + 1
    for job in jobs:
        expected = 7 if job.body["type"] == "create_world" else 1
        if job.final.get("status") == "completed" and done.get(job.job_id, 0) != expected:
            yield f"{job.job_id}: {done.get(job.job_id, 0)} of {expected}"


def leftovers(redis: "Redis[str]") -> Iterator[str]:
    """Yields what must be empty when all jobs have ended: our indexes and RQ's keys."""
    for key, size in (
        ("jobs:deadlines", redis.zcard("jobs:deadlines")),
        ("calls:deadlines", redis.zcard("calls:deadlines")),
        ("rq:queue:lore", redis.llen("rq:queue:lore")),
        ("rq:wip:lore", redis.zcount("rq:wip:lore", time.time(), "+inf")),
        (
            "rq:failed:lore: failed by RQ, not by a Loresmith worker",
            sum(
                redis.hexists(f"rq:job:{entry}", "exc_info")
                for entry in redis.zrange("rq:failed:lore", 0, -1)
            ),
        ),
        (
            "rq:job:* without expiry",
            sum(redis.ttl(key) == -1 for key in redis.scan_iter("rq:job:*")),
        ),
    ):
        if size:
            yield f"{key}: {size}"
    for key in redis.scan_iter("job:*", count=1000):
        if redis.ttl(key) == -1:
            yield f"{key} has no expiry"


def _recoveries(
    redis: "Redis[str]", jobs: list[SubmittedJob], faults: list[Fault]
) -> Iterator[float]:
    """Yields the seconds from the kill of a worker until its jobs run again."""
    kills = [fault.at for fault in faults if fault.part.startswith("worker")]
    for job in jobs:
        recovered_at = 0.0
        for _, fields in redis.xrange(f"job:{job.job_id}:updates"):
            at = int(fields["at_ms"]) / 1000
            if fields["phase"] == "recovering":
                recovered_at = at
            elif recovered_at and fields["phase"] == "generating":
                before = [kill for kill in kills if kill < recovered_at]
                if before:
                    yield at - before[-1]
                recovered_at = 0.0
