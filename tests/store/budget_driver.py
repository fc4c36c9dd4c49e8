"""Budgets and what is reserved in them, through the api's service."""

from dataclasses import dataclass
from typing import Any

from loresmith.api.http.problems import Problem
from loresmith.api.services.budgets import BudgetService
from loresmith.api.services.job_store import SubmitOutcome
from loresmith.jobs.core.job_record import budget_name
from loresmith.jobs.store import keys
from loresmith.jobs.store.scripts import pairs
from tests.store.direct import DirectPipeline, result_of
from tests.store.driver import Store

ALL = budget_name("global", "all")
MIRA = budget_name("user", "mira")
SEA = budget_name("team", "sea")


@dataclass(frozen=True)
class Balance:
    """What a budget has in its window, in micro-dollars."""

    spent: int
    reserved: int


class BudgetDriver:
    """The budgets of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.redis = store.redis
        self._pipeline: Any = DirectPipeline(store.redis)
        archive: Any = None
        self._service = BudgetService(self._pipeline, archive)

    def set(
        self, name: str = ALL, limit: int = 100, *, window: str = "total", mode: str = "hard",
        spent: int = 0, **fields: str | int,
    ) -> str:  # fmt: skip
        terms = {"limit": limit, "window": window, "mode": mode, **fields}
        result_of(self._service.store_terms(name, terms, spent))
        return str(self._pipeline.reply[0])

    def delete(self, name: str = ALL) -> str:
        """Returns ok or gone."""
        try:
            result_of(self._service.delete(*name.split(":")))
        except Problem:
            return "gone"
        return "ok"

    def balance(self, name: str = ALL) -> Balance:
        """Raises KeyError when there is no such budget."""
        return self.all()[name]

    def all(self) -> dict[str, Balance]:
        return {reply[0]: Balance(int(reply[1]), int(reply[2])) for reply in self._status()}

    def window(self, name: str = ALL) -> tuple[int, int]:
        """Returns the first ms and the end of the present window."""
        (reply,) = self._status(name)
        return int(reply[3]), int(reply[4])

    def terms(self, name: str = ALL) -> dict[str, str]:
        (reply,) = self._status(name)
        return pairs(reply[5:])

    def named(self, *names: str) -> list[str]:
        """Returns the names of those that exist among some: by name, or by `scope:`."""
        return [reply[0] for reply in self._status(*names)]

    def _status(self, *names: str) -> list[list[str]]:
        return [[str(part) for part in each] for each in result_of(self._service.status(*names))]

    def reservations(self) -> dict[str, str]:
        """Returns what jobs and calls have reserved."""
        return dict(self.redis.hgetall(keys.RESERVATIONS))

    def reap_reservations(self) -> int:
        """Returns how many reservations the reconciler released."""
        return self.store.reconciler().release_orphaned_reservations()

    def outbox(self) -> list[dict[str, str]]:
        """Returns the entries of the outbox, oldest first."""
        return [fields for _, fields in self.redis.xrange(keys.OUTBOX)]

    # --- where tests begin

    def job(
        self, job_id: str = "j", maximum: int = 30, *, user_id: str | None = "mira",
        team_id: str | None = "sea", **fields: Any,
    ) -> SubmitOutcome:  # fmt: skip
        """Submits a job, to which the budgets of all, of its user and of its team apply."""
        fields |= {"user_id": user_id, "team_id": team_id}
        return self.store.submit(job_id, reserve_micros=maximum, **fields)

    def running(self, job_id: str = "j", maximum: int = 30) -> None:
        assert self.job(job_id, maximum).outcome == "created"
        self.store.claim(job_id)

    def call(self, job_id: str = "j", step: str = "s", maximum: int = 30, **fields: int) -> str:
        """Puts a call in flight; returns its call_id."""
        return self.store.intent(job_id, step=step, max_micros=maximum, **fields).call_id
