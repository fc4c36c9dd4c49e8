"""Many jobs at once at the limit of three overlapping budgets, while somebody reads the books."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Barrier, Event, Thread

from redis import Redis

from jobs import keys
from tests.store.driver import Store
from tests.store.purse import ALL, Purse

USERS, TEAMS = 10, 3
MOST = 30
"""Micro-dollars that a job may cost at most; a call of it half of that."""


@dataclass
class Round:
    """What one round did."""

    answers: Counter[str] = field(default_factory=Counter)
    looks: int = 0
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
    purse, chance = Purse(Store(redis)), random.Random(seed)
    limits = _budgets(purse, many)
    found, start = Round(), Barrier(many)
    seeds = [chance.random() for _ in range(many)]

    def run(number: int) -> list[str]:
        start.wait()
        return _life(Purse(Store(redis)), f"j{number}", random.Random(seeds[number]), number)

    with _watched(purse, limits, found), ThreadPoolExecutor(many) as pool:
        for words in pool.map(run, range(many)):
            found.answers.update(words)
    found.left = purse.held() | {
        name: str(balance.reserved) for name, balance in purse.all().items() if balance.reserved
    }
    found.spent = purse.of().spent
    found.paid = sum(int(_cost(redis.hgetall(key))) for key in redis.scan_iter("call:*"))
    return found


def _budgets(purse: Purse, many: int) -> dict[str, int]:
    """Each sort of budget is the narrow one for somebody: together they admit about a third."""
    limits = {ALL: many * MOST // 3}
    limits |= {keys.budget_name("user", f"u{n}"): (1 + n) * 3 * MOST for n in range(USERS)}
    limits |= {keys.budget_name("team", f"t{n}"): many * MOST // (6 + n) for n in range(TEAMS)}
    for name, limit in limits.items():
        purse.set(name, limit, window="day" if "user" in name else "month")
    return limits


@contextmanager
def _watched(purse: Purse, limits: dict[str, int], found: Round) -> Iterator[None]:
    over = Event()

    def watch() -> None:
        while not over.is_set():
            found.looks += 1
            for name, held in purse.all().items():
                if held.spent + held.reserved > limits[name] or min(held.spent, held.reserved) < 0:
                    found.overruns.append(f"{name} {held} of {limits[name]}")

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _life(purse: Purse, job: str, chance: random.Random, number: int) -> list[str]:
    """The words that the scripts answered to one client."""
    own = [keys.budget_name("user", f"u{number % USERS}")]
    own += [keys.budget_name("team", f"t{number % TEAMS}"), ALL]
    words = [purse.job(job, MOST, " ".join(chance.sample(own, 3)), key=job).code]
    if words != ["created"]:
        return words
    words += [purse.job(job, MOST, " ".join(own), key=job).code]  # the lost answer, sent again
    _attempt(purse, job, 1, chance)
    words += [purse.store.retry(job, consent=True).code]
    if words[-1] == "ok":
        _attempt(purse, job, 2, chance)
    if chance.random() < 0.3:
        purse.store.delete(job)
    return words


def _attempt(purse: Purse, job: str, attempt: int, chance: random.Random) -> None:
    store = purse.store
    if chance.random() < 0.1:
        store.cancel(job)
        return
    store.claim(job, attempt)
    told = {"generation": attempt - 1, "max_micros": MOST // 2}
    calls = [store.intent(job, attempt, step, **told)[1] for step in "st"]
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
