"""Checks costs and budgets under chaos: each job counts in three budgets."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping

from redis import Redis
from redis.exceptions import RedisError

from chaos.clients import TEAMS, SubmittedJob
from loresmith.jobs.core.job_record import budget_name
from loresmith.jobs.store import keys
from tests.stack import Stack, request
from tests.waiting import wait_until

PRICES = (3, 7)
"""Dollars per million input and output tokens, for the offline model and LORESMITH_PRICES_FILE."""
LIMITS = {
    "global/all": 500.0,
    **{f"team/{team}": 200.0 for team in TEAMS[:-1]},
    f"team/{TEAMS[-1]}": 0.5,
    "type/generate_relics": 2.0,
}
"""Hard limits in dollars, by budget; the last two refuse jobs."""
CHECK_INTERVAL_S = 0.1

Rows = Mapping[str, dict[str, str]]


class BudgetWatcher(threading.Thread):
    """Reads the budgets continuously and records each one above its limit."""

    def __init__(self, system: Stack) -> None:
        super().__init__(daemon=True, name="budget-watcher")
        self._system = system
        self._done = threading.Event()
        self.checks = 0
        self.above: list[str] = []

    def run(self) -> None:
        while not self._done.wait(CHECK_INTERVAL_S):
            try:
                above = list(_above(self._system.redis))
            except (RedisError, OSError):
                continue
            self.checks += 1
            self.above += above

    def stop(self) -> None:
        self._done.set()
        self.join(10)


def set_budgets(system: Stack) -> None:
    """Creates the budgets, before the first fault."""
    for budget, limit in LIMITS.items():
        terms = {"limit": limit, "window": "total", "mode": "hard"}
        path = f"{system.url}/budgets/{budget}"
        wait_until(lambda p=path, t=terms: request("PUT", p, t)[0] == 200, f"budget {budget}")


def billed(system: Stack) -> Counter[str]:
    """Returns the micro-dollars that the offline model billed, by call, from its own file."""
    micros: Counter[str] = Counter()
    for entry in system.ledger():
        micros[entry["call_id"]] += entry.get("micros", 0)
    return micros


def checks(
    system: Stack, redis: "Redis[str]", jobs: list[SubmittedJob], rows: Rows
) -> Iterator[tuple[str, list[str]]]:
    """Yields each invariant and its violations."""
    bill, records = billed(system), {job.job_id: _record(redis, job.job_id) for job in jobs}
    yield "cost of a call differs from its bill", list(_wrong_calls(rows, bill))
    yield "cost of a job differs from its calls", list(_wrong_jobs(records, rows))
    yield "reservations left", list(_reservations(redis))
    yield "budget differs from its jobs", list(_wrong_budgets(redis, records))
    yield "hard budget above its limit", list(_above(redis))


def exact(row: Mapping[str, str]) -> int | None:
    """Returns the micro-dollars of a call; None when only its maximum is known."""
    if row["state"] == "released":
        return 0
    cost = row.get("cost_micros")
    return None if cost is None else int(cost)


def booked(row: Mapping[str, str]) -> int:
    """Returns the cost of a call, or its maximum when the cost is unknown."""
    cost = exact(row)
    return int(row.get("max_micros", 0)) if cost is None else cost


def _wrong_calls(rows: Rows, bill: Counter[str]) -> Iterator[str]:
    for call_id, row in rows.items():
        cost, micros = exact(row), bill[call_id]
        if micros > booked(row) or (cost is not None and cost != micros):
            yield f"{call_id} {row['state']}: {cost}, at most {booked(row)}, billed {micros}"


def _wrong_jobs(records: Mapping[str, dict[str, str]], rows: Rows) -> Iterator[str]:
    sums: Counter[str] = Counter()
    for call_id, row in rows.items():
        sums[call_id.split("/")[0]] += booked(row)
    for job_id, record in records.items():
        if int(record.get("spent_micros", 0)) != sums[job_id]:
            yield f"{job_id}: {record.get('spent_micros')}, its calls {sums[job_id]}"


def _reservations(redis: "Redis[str]") -> Iterator[str]:
    yield from (
        f"{holder}: {reservation}"
        for holder, reservation in redis.hgetall(keys.RESERVATIONS).items()
    )
    for key in redis.scan_iter("spend:*"):
        if int(redis.hget(key, "reserved") or 0):
            yield f"{key} reserves {redis.hget(key, 'reserved')}"


def _wrong_budgets(redis: "Redis[str]", records: Mapping[str, dict[str, str]]) -> Iterator[str]:
    sums: Counter[str] = Counter()
    for record in records.values():
        spent = int(record.get("spent_micros", 0))
        for budget in ("global/all", f"team/{record.get('team_id')}", f"type/{record['type']}"):
            sums[budget] += spent
    for budget in LIMITS:
        spent = int(redis.hget(_spend(budget), "spent") or 0)
        if spent != sums[budget]:
            yield f"{budget}: {spent}, its jobs {sums[budget]}"


def _above(redis: "Redis[str]") -> Iterator[str]:
    for budget, limit in LIMITS.items():
        spent, reserved = (
            int(value or 0) for value in redis.hmget(_spend(budget), "spent", "reserved")
        )
        if spent + reserved > limit * 1_000_000:
            yield f"{budget}: {spent} + {reserved} of {limit}"


def _spend(budget: str) -> str:
    scope, _, id = budget.partition("/")
    return keys.spend(budget_name(scope, id), "total")


def _record(redis: "Redis[str]", job_id: str) -> dict[str, str]:
    return dict(redis.hgetall(keys.job(job_id)))
