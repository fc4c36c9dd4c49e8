"""Money under chaos: three budgets over each job, and the books held against the provider's own."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping

from redis import Redis
from redis.exceptions import RedisError

from chaos.clients import TEAMS, Told
from jobs import keys
from tests.stack import Stack, request
from tests.waiting import wait_until

PRICES = (3, 7)
"""Dollars for a million tokens, in and out: what the offline model bills and LORE_PRICES says."""
LIMITS = {
    "global/all": 500.0,
    **{f"team/{team}": 200.0 for team in TEAMS[:-1]},
    f"team/{TEAMS[-1]}": 0.5,
    "type/generate_relics": 2.0,
}
"""Hard limits in dollars, by budget; the last two are so small that jobs are refused."""
LOOK_S = 0.1

Rows = Mapping[str, dict[str, str]]


class Watcher(threading.Thread):
    """Reads the books all the time, and notes each budget that is above its limit."""

    def __init__(self, system: Stack) -> None:
        super().__init__(daemon=True, name="books")
        self._system = system
        self._done = threading.Event()
        self.looks = 0
        self.above: list[str] = []

    def run(self) -> None:
        while not self._done.wait(LOOK_S):
            try:
                found = list(_above(self._system.redis))
            except (RedisError, OSError):
                continue
            self.looks += 1
            self.above += found

    def stop(self) -> None:
        self._done.set()
        self.join(10)


def set_budgets(system: Stack) -> None:
    """Before anything is broken."""
    for place, limit in LIMITS.items():
        terms = {"limit": limit, "window": "total", "mode": "hard"}
        path = f"{system.url}/budgets/{place}"
        wait_until(lambda p=path, t=terms: request("PUT", p, t)[0] == 200, f"budget {place}")


def billed(system: Stack) -> Counter[str]:
    """Micro-dollars that the offline model wants, by call, from its own file."""
    wanted: Counter[str] = Counter()
    for entry in system.book():
        wanted[entry["call_id"]] += entry.get("micros", 0)
    return wanted


def checks(
    system: Stack, redis: "Redis[str]", told: list[Told], rows: Rows
) -> Iterator[tuple[str, list[str]]]:
    """Each rule and what breaks it."""
    bill, records = billed(system), {one.job_id: _record(redis, one.job_id) for one in told}
    yield "a call's cost is not the provider's bill", list(_calls_off(rows, bill))
    yield "a job's cost is not that of its calls", list(_jobs_off(records, rows))
    yield "money held at rest", list(_held(redis))
    yield "a budget's books are not its jobs' costs", list(_books_off(redis, records))
    yield "a hard budget above its limit", list(_above(redis))


def exact(row: Mapping[str, str]) -> int | None:
    """What a call cost, in micro-dollars; None where it is only known at most."""
    if row["state"] == "released":
        return 0
    cost = row.get("cost_micros")
    return None if cost is None else int(cost)


def booked(row: Mapping[str, str]) -> int:
    """What a call counts: what it cost, or else its maximum."""
    cost = exact(row)
    return int(row.get("max_micros", 0)) if cost is None else cost


def _calls_off(rows: Rows, bill: Counter[str]) -> Iterator[str]:
    for call_id, row in rows.items():
        cost, wanted = exact(row), bill[call_id]
        if wanted > booked(row) or (cost is not None and cost != wanted):
            yield f"{call_id} {row['state']}: {cost}, at most {booked(row)}, billed {wanted}"


def _jobs_off(records: Mapping[str, dict[str, str]], rows: Rows) -> Iterator[str]:
    sums: Counter[str] = Counter()
    for call_id, row in rows.items():
        sums[call_id.split("/")[0]] += booked(row)
    for job_id, record in records.items():
        if int(record.get("spent_micros", 0)) != sums[job_id]:
            yield f"{job_id}: {record.get('spent_micros')}, its calls {sums[job_id]}"


def _held(redis: "Redis[str]") -> Iterator[str]:
    yield from (f"{holder}: {what}" for holder, what in redis.hgetall(keys.RESERVED).items())
    for key in redis.scan_iter("spend:*"):
        if int(redis.hget(key, "reserved") or 0):
            yield f"{key} reserves {redis.hget(key, 'reserved')}"


def _books_off(redis: "Redis[str]", records: Mapping[str, dict[str, str]]) -> Iterator[str]:
    sums: Counter[str] = Counter()
    for record in records.values():
        spent = int(record.get("spent_micros", 0))
        for place in ("global/all", f"team/{record.get('team_id')}", f"type/{record['type']}"):
            sums[place] += spent
    for place in LIMITS:
        spent = int(redis.hget(_spend(place), "spent") or 0)
        if spent != sums[place]:
            yield f"{place}: {spent}, its jobs {sums[place]}"


def _above(redis: "Redis[str]") -> Iterator[str]:
    for place, limit in LIMITS.items():
        spent, reserved = (
            int(told or 0) for told in redis.hmget(_spend(place), "spent", "reserved")
        )
        if spent + reserved > limit * 1_000_000:
            yield f"{place}: {spent} + {reserved} of {limit}"


def _spend(place: str) -> str:
    scope, _, id = place.partition("/")
    return keys.spend(keys.budget_name(scope, id), "total")


def _record(redis: "Redis[str]", job_id: str) -> dict[str, str]:
    return dict(redis.hgetall(keys.job(job_id)))
