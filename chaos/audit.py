"""What must hold when the dust has settled; every check looks from outside.

The provider's own ledger file, the answers that clients were given, and Redis read directly. The
numbers are those of the invariants in the printed table, and each must be 0.
"""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from redis import Redis

from chaos import money
from chaos.clients import Clients, Told
from chaos.monkey import Fault
from tests.stack import Stack


@dataclass
class Audit:
    """Violations by name, each a list of what was found."""

    violations: dict[str, list[Any]] = field(default_factory=dict)
    calls: int = 0
    billed: int = 0
    unknown: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    recovery_s: list[float] = field(default_factory=list)

    def record(self, name: str, found: list[Any]) -> None:
        self.violations[name] = found

    @property
    def clean(self) -> bool:
        return not any(self.violations.values())


def audit(system: Stack, clients: Clients, faults: list[Fault]) -> Audit:
    """Checks everything; the system must be up and at rest."""
    result = Audit()
    redis = system.redis
    told = clients.told
    for one in told:
        status = one.final.get("status", "unfinished")
        result.statuses[status] = result.statuses.get(status, 0) + 1
    result.record("accepted, but not terminal", [one.job_id for one in told if not one.final])
    result.record("two jobs for one key", list(clients.double_ids))
    result.record("answered 202, then 404", [one.job_id for one in told if _vanished(one)])
    result.record("progress or status went back", [one.job_id for one in told if _went_back(one)])
    result.record("updates out of order", list(_updates_back(redis, told)))
    result.record("HTTP 500", [one.job_id for one in told if one.server_errors])
    result.record("cancel answered, then ended otherwise", list(_cancel_broken(told)))
    rows = _check_bills(result, system, redis, told)
    for name, found in money.checks(system, redis, told, rows):
        result.record(name, found)
    result.record("left over in Redis", list(leftovers(redis)))
    result.recovery_s = list(_recoveries(redis, told, faults))
    return result


def _vanished(told: Told) -> bool:
    return any(status == "missing" for _, _, status, _ in told.seen)


def _went_back(told: Told) -> bool:
    """Polls of several threads and apis may answer out of order; versions put them in order."""
    seen = sorted(row for row in told.seen if row[2] != "missing")
    ranks = {"pending": 0, "processing": 1, "completed": 2, "failed": 2, "cancelled": 2}
    return any(
        later[3] < earlier[3] or ranks[later[2]] < ranks[earlier[2]] or later[1] < earlier[1]
        for earlier, later in itertools.pairwise(seen)
    )


def _updates_back(redis: "Redis[str]", told: list[Told]) -> Iterator[str]:
    for one in told:
        rows = [fields for _, fields in redis.xrange(f"job:{one.job_id}:updates")]
        steps = [(int(row["version"]), int(row["progress"])) for row in rows]
        if any(
            after[0] <= before[0] or after[1] < before[1]
            for before, after in itertools.pairwise(steps)
        ):
            yield one.job_id


def _cancel_broken(told: list[Told]) -> Iterator[str]:
    for one in told:
        if one.cancel_status in (200, 202) and one.final.get("status") != "cancelled":
            yield f"{one.job_id} {one.final.get('status')}"


def _check_bills(
    result: Audit, system: Stack, redis: "Redis[str]", told: list[Told]
) -> dict[str, dict[str, str]]:
    """Answers the rows of the ledger, by call."""
    bills = system.bills()
    rows = {
        call_id: redis.hgetall(f"call:{call_id}")
        for one in told
        for call_id in redis.smembers(f"job:{one.job_id}:calls")
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
        "billed, but called released",
        [call for call, row in rows.items() if row.get("state") == "released" and call in bills],
    )
    result.record(
        "calls left open", [call for call, row in rows.items() if row.get("state") == "intent"]
    )
    result.record("completed without its calls", list(_short_of_calls(told, rows)))
    return rows


def _short_of_calls(told: list[Told], rows: dict[str, dict[str, str]]) -> Iterator[str]:
    done: dict[str, int] = {}
    for call_id, row in rows.items():
        if row.get("state") == "done" and row.get("usable") != "0":
            job_id = call_id.split("/")[0]
            done[job_id] = done.get(job_id, 0) + 1
    for one in told:
        wanted = 7 if one.body["type"] == "create_world" else 1
        if one.final.get("status") == "completed" and done.get(one.job_id, 0) != wanted:
            yield f"{one.job_id}: {done.get(one.job_id, 0)} of {wanted}"


def leftovers(redis: "Redis[str]") -> Iterator[str]:
    """Everything that must be empty at rest: our indexes, and what `rq info` reads."""
    for key, size in (
        ("due", redis.zcard("due")),
        ("calls:due", redis.zcard("calls:due")),
        ("rq:queue:lore", redis.llen("rq:queue:lore")),
        ("rq:wip:lore", redis.zcount("rq:wip:lore", time.time(), "+inf")),
        ("rq:failed:lore", redis.zcard("rq:failed:lore")),
        ("rq:job:* for ever", sum(redis.ttl(key) == -1 for key in redis.scan_iter("rq:job:*"))),
    ):
        if size:
            yield f"{key}: {size}"
    for key in redis.scan_iter("job:*", count=1000):
        if redis.ttl(key) == -1:
            yield f"{key} has no time to live"


def _recoveries(redis: "Redis[str]", told: list[Told], faults: list[Fault]) -> Iterator[float]:
    """Seconds from the kill of a worker to its jobs running again."""
    kills = [fault.at for fault in faults if fault.part.startswith("worker")]
    for one in told:
        taken_at = 0.0
        for _, fields in redis.xrange(f"job:{one.job_id}:updates"):
            at = int(fields["at_ms"]) / 1000
            if fields["phase"] == "recovering":
                taken_at = at
            elif taken_at and fields["phase"] == "generating":
                before = [kill for kill in kills if kill < taken_at]
                if before:
                    yield at - before[-1]
                taken_at = 0.0
