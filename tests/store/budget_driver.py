"""Budgets and what is held in them, as the tests see them."""

from dataclasses import dataclass

from loresmith.jobs.core.job_record import budget_name
from loresmith.jobs.store import keys
from loresmith.jobs.store.scripts import flat, pairs, script
from tests.store.driver import Reply, Store

ALL = budget_name("global", "all")
MIRA = budget_name("user", "mira")
SEA = budget_name("team", "sea")
THREE = f"{ALL} {MIRA} {SEA}"
"""The budgets that a job of these tests comes under."""


@dataclass(frozen=True)
class Balance:
    """What a budget says of its window, in micro-dollars."""

    spent: int
    reserved: int


class BudgetDriver:
    """The money side of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.redis = store.redis

    def set(
        self, name: str = ALL, limit: int = 100, *, window: str = "total", mode: str = "hard",
        spent: int = 0, **fields: str | int,
    ) -> Reply:  # fmt: skip
        output = {"limit": limit, "window": window, "mode": mode, **fields}
        names = [keys.budget(name), keys.BUDGETS]
        return Reply(self.store.run("budgets/set", names, name, spent, *flat(output)))

    def drop(self, name: str = ALL) -> Reply:
        names = [keys.budget(name), keys.BUDGETS]
        return Reply(self.store.run("budgets/delete", names, name))

    def of(self, name: str = ALL) -> Balance:
        """What a budget says now; KeyError when there is none."""
        return self.all()[name]

    def all(self) -> dict[str, Balance]:
        return {output[0]: Balance(int(output[1]), int(output[2])) for output in self._told()}

    def window(self, name: str = ALL) -> tuple[int, int]:
        """First ms and end of the window of now."""
        (output,) = self._told(name)
        return int(output[3]), int(output[4])

    def terms(self, name: str = ALL) -> dict[str, str]:
        (output,) = self._told(name)
        return pairs(output[5:])

    def named(self, *names: str) -> list[str]:
        """The names of those that exist among some: by name, or by `scope:`."""
        return [output[0] for output in self._told(*names)]

    def _told(self, *names: str) -> list[list[str]]:
        reply = self.store.redis.eval(*_call("budgets/status", [keys.BUDGETS], *names))
        return [[str(part) for part in one] for one in reply]

    def held(self) -> dict[str, str]:
        """What jobs and calls hold."""
        return dict(self.redis.hgetall(keys.RESERVATIONS))

    def look(self) -> int:
        """How many holds the reconciler's look let go."""
        return int(self.store.run("budgets/reap_reservations", [keys.RESERVATIONS], 0, 100)[1])

    def posted(self) -> list[dict[str, str]]:
        """What lies in the outbox, oldest first."""
        return [fields for _, fields in self.redis.xrange(keys.OUTBOX)]

    # --- where a test begins

    def job(self, job_id: str = "j", most: int = 30, budgets: str = THREE, **output: str) -> Reply:
        return self.store.submit(job_id, budgets=budgets, reserve_micros=most, **output)

    def running(self, job_id: str = "j", most: int = 30) -> None:
        assert self.job(job_id, most).code == "created"
        self.store.claim(job_id)

    def call(self, job_id: str = "j", step: str = "s", most: int = 30, **output: int) -> str:
        """A call in flight; its call_id."""
        return self.store.intent(job_id, step=step, max_micros=most, **output)[1]


def _call(name: str, names: list[str], *values: str) -> tuple[str | int, ...]:
    return (script(name).source, len(names), *names, *values)
