"""Budgets and what is held in them, as the tests see them."""

from dataclasses import dataclass

from jobs import keys
from jobs.scripts import flat, pairs, script
from tests.store.driver import Reply, Store

ALL = keys.budget_name("global", "all")
MIRA = keys.budget_name("user", "mira")
SEA = keys.budget_name("team", "sea")
THREE = f"{ALL} {MIRA} {SEA}"
"""The budgets that a job of these tests comes under."""


@dataclass(frozen=True)
class Balance:
    """What a budget says of its window, in micro-dollars."""

    spent: int
    reserved: int


class Purse:
    """The money side of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.redis = store.redis

    def set(
        self, name: str = ALL, limit: int = 100, *, window: str = "total", mode: str = "hard",
        spent: int = 0, **fields: str | int,
    ) -> Reply:  # fmt: skip
        told = {"limit": limit, "window": window, "mode": mode, **fields}
        names = [keys.budget(name), keys.BUDGETS]
        return Reply(self.store.run("budget_set", names, name, spent, *flat(told)))

    def drop(self, name: str = ALL) -> Reply:
        names = [keys.budget(name), keys.BUDGETS]
        return Reply(self.store.run("budget_drop", names, name))

    def of(self, name: str = ALL) -> Balance:
        """What a budget says now; KeyError when there is none."""
        return self.all()[name]

    def all(self) -> dict[str, Balance]:
        return {told[0]: Balance(int(told[1]), int(told[2])) for told in self._told("")}

    def window(self, name: str = ALL) -> tuple[int, int]:
        """First ms and end of the window of now."""
        (told,) = self._told(name)
        return int(told[3]), int(told[4])

    def terms(self, name: str = ALL) -> dict[str, str]:
        (told,) = self._told(name)
        return pairs(told[5:])

    def _told(self, name: str) -> list[list[str]]:
        reply = self.store.redis.eval(*_call("standing", [keys.BUDGETS], name))
        return [[str(part) for part in one] for one in reply]

    def held(self) -> dict[str, str]:
        """What jobs and calls hold."""
        return dict(self.redis.hgetall(keys.RESERVED))

    def look(self) -> int:
        """How many holds the sweeper's look let go."""
        return int(self.store.run("holds", [keys.RESERVED], 0, 100)[1])

    def posted(self) -> list[dict[str, str]]:
        """What lies in the outbox, oldest first."""
        return [fields for _, fields in self.redis.xrange(keys.OUTBOX)]

    # --- where a test begins

    def job(self, job_id: str = "j", most: int = 30, budgets: str = THREE, **told: str) -> Reply:
        return self.store.submit(job_id, budgets=budgets, reserve_micros=most, **told)

    def running(self, job_id: str = "j", most: int = 30) -> None:
        assert self.job(job_id, most).code == "created"
        self.store.claim(job_id)

    def call(self, job_id: str = "j", step: str = "s", most: int = 30, **told: int) -> str:
        """A call in flight; its call_id."""
        return self.store.intent(job_id, step=step, max_micros=most, **told)[1]


def _call(name: str, names: list[str], *values: str) -> tuple[str | int, ...]:
    return (script(name).source, len(names), *names, *values)
