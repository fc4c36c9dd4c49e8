"""Many jobs at once at the limit of three overlapping budgets, while their balances are read."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Barrier, Event, Thread

from redis import Redis

from loresmith.jobs.core.job_record import budget_name
from tests.store.budget_driver import ALL, BudgetDriver
from tests.store.driver import Store

USERS, TEAMS = 10, 3
MOST = 30
"""Micro-dollars that a job may cost at most; a call of it half of that."""


@dataclass
class Round:
    """What one round did."""

    answers: Counter[str] = field(default_factory=Counter)
    readings: int = 0
    overruns: list[str] = field(default_factory=list)
    """A budget that was over its limit, with its figures."""
    left: dict[str, str] = field(default_factory=dict)
    """What was still held when nothing ran any more."""
    spent: int = 0
    paid: int = 0
    """What the ledger's rows say was paid; the global budget must have spent the same."""


def race(redis: Redis, many: int, seed: int) -> Round:
    """One round of `many` clients on an empty server: each submits until its job is taken or
    refused, runs it, ends it somehow, and perhaps retries it.
    """
    redis.flushall()
    budget_driver, chance = BudgetDriver(Store(redis)), random.Random(seed)
    limits = _budgets(budget_driver, many)
    matches, start = Round(), Barrier(many)
    seeds = [chance.random() for _ in range(many)]

    def run(number: int) -> list[str]:
        start.wait()
        return _life(BudgetDriver(Store(redis)), f"j{number}", random.Random(seeds[number]), number)

    with _watched(budget_driver, limits, matches), ThreadPoolExecutor(many) as pool:
        for words in pool.map(run, range(many)):
            matches.answers.update(words)
    matches.left = budget_driver.reservations() | {
        name: str(balance.reserved)
        for name, balance in budget_driver.all().items()
        if balance.reserved
    }
    matches.spent = budget_driver.balance().spent
    matches.paid = sum(int(_cost(redis.hgetall(key))) for key in redis.scan_iter("call:*"))
    return matches


def _budgets(budget_driver: BudgetDriver, many: int) -> dict[str, int]:
    """Each sort of budget is the narrow one for somebody: together they admit about a third."""
    limits = {ALL: many * MOST // 3}
    limits |= {budget_name("user", f"u{n}"): (1 + n) * 3 * MOST for n in range(USERS)}
    limits |= {budget_name("team", f"t{n}"): many * MOST // (6 + n) for n in range(TEAMS)}
    for name, limit in limits.items():
        budget_driver.set(name, limit, window="day" if "user" in name else "month")
    return limits


@contextmanager
def _watched(budget_driver: BudgetDriver, limits: dict[str, int], matches: Round) -> Iterator[None]:
    over = Event()

    def watch() -> None:
        while not over.is_set():
            matches.readings += 1
            for name, held in budget_driver.all().items():
                if held.spent + held.reserved > limits[name] or min(held.spent, held.reserved) < 0:
                    matches.overruns.append(f"{name} {held} of {limits[name]}")

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _life(budget_driver: BudgetDriver, job: str, chance: random.Random, number: int) -> list[str]:
    """The words that the scripts answered to one client."""
    own = {"user_id": f"u{number % USERS}", "team_id": f"t{number % TEAMS}"}
    words = [budget_driver.job(job, MOST, **own, key=job).outcome]
    if words != ["created"]:
        return words
    words += [budget_driver.job(job, MOST, **own, key=job).outcome]  # the reply was lost
    _attempt(budget_driver, job, 1, chance)
    words += [budget_driver.store.retry(job, consent=True).outcome]
    if words[-1] == "ok":
        _attempt(budget_driver, job, 2, chance)
    if chance.random() < 0.3:
        budget_driver.store.delete(job)
    return words


def _attempt(budget_driver: BudgetDriver, job: str, attempt: int, chance: random.Random) -> None:
    store = budget_driver.store
    if chance.random() < 0.1:
        store.cancel(job)
        return
    store.claim(job, attempt)
    reply = {"generation": attempt - 1, "max_micros": MOST // 2}
    calls = [store.intent(job, attempt, step, **reply).call_id for step in "st"]
    late = chance.random() < 0.5
    if late:
        store.finish(job, attempt, outcome="failed")
    for call in calls:
        state = chance.choice(["done", "done", "cancelled", "unknown", "released"])
        cost = {"cost_micros": chance.randint(0, MOST // 2)} if state[0] in "dc" else {}
        store.settle(call, state, usable="0", **cost)
    if not late:
        outcome = "completed" if attempt == 2 else chance.choice(["completed", "failed"])
        store.finish(job, attempt, outcome=outcome)


def _cost(row: dict[str, str]) -> str:
    if row["state"] == "unknown":
        return row["max_micros"]
    return row.get("cost_micros", "0")
