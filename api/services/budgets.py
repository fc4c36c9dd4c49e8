"""Budgets in Redis: their terms, and what is spent and reserved in the current window."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool

from loresmith.api.http.problems import Problem, body_error, truncated, validation_error
from loresmith.api.schemas.representation import timestamp
from loresmith.api.schemas.requests import BudgetRequest
from loresmith.archive import Archive
from loresmith.jobs.core.damaged_record import intact, read_intact
from loresmith.jobs.core.job_record import budget_name
from loresmith.jobs.core.principal import Principal
from loresmith.jobs.costs.budgets import EVERYTHING, BudgetRefusal, BudgetTerms, window_start
from loresmith.jobs.costs.money import CURRENCY, dollars, micros
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.store.scripts import flat, pairs


class BudgetService:
    """Reads and writes budgets. The script that creates a job enforces them."""

    def __init__(self, pipeline: PipelineBatcher, archive: Archive) -> None:
        self._pipeline = pipeline
        self._archive = archive

    async def all(self, principal: Principal) -> list[dict[str, Any]]:
        """Returns the budgets that apply to jobs of the principal; all to an admin."""
        return intact(await self.status(*_applicable(principal)), represent_budget)

    async def read(self, principal: Principal, scope: str, id: str) -> dict[str, Any]:
        """Raises Problem when the budget does not exist, or does not apply to the principal."""
        name = budget_name(scope, id)
        replies = await self.status(name)
        applicable = _applicable(principal)
        if not replies or (applicable and not {name, f"{scope}:"} & set(applicable)):
            raise _not_found(name)
        return represent_budget(replies[0])

    async def terms(self, scope: str, id: str) -> dict[str, Any] | None:
        """Returns a budget without what is spent; None when there is none that can be read."""
        for budget in intact(await self.status(budget_name(scope, id)), represent_budget):
            return {name: budget[name] for name in BudgetRequest.model_fields}
        return None

    async def put(
        self, principal: Principal, scope: str, id: str, request: BudgetRequest
    ) -> dict[str, Any]:
        """Sets the terms, with what the archive knows as spent in the window. Raises Problem."""
        name, terms, now = budget_name(scope, id), _terms(request), datetime.now(UTC)
        try:
            fields = terms.fields(now)
        except ValueError as error:
            raise validation_error(body_error(("timezone",), str(error))) from None
        since = window_start(terms.window, terms.timezone, now)
        spent = await run_in_threadpool(self._spent, scope, id, since)
        await self.store_terms(name, fields, spent)
        return await self.read(principal, scope, id)

    async def store_terms(self, name: str, fields: dict[str, Any], spent: int) -> None:
        """Stores the terms of a budget; `spent` counts where its window has no figure yet."""
        names = [keys.budget(name), keys.BUDGETS]
        await self._pipeline.script("budgets/set", names, name, spent, *flat(fields))

    async def delete(self, scope: str, id: str) -> None:
        """Raises Problem when the budget does not exist."""
        name = budget_name(scope, id)
        names = [keys.budget(name), keys.BUDGETS]
        reply = await self._pipeline.script("budgets/delete", names, name)
        if reply[0] == "gone":
            raise _not_found(name)

    async def available(self, names: Iterable[str]) -> float | None:
        """Returns what the tightest of the named hard budgets has left, in dollars, if any."""
        budgets = intact(await self.status(*names), represent_budget)
        hard = (budget["available"] for budget in budgets if budget["mode"] == "hard")
        return min(hard, default=None)

    async def status(self, *names: str) -> list[Sequence[Any]]:
        """Returns the replies of budgets/status.lua: of the named budgets, or of all."""
        replies: list[Sequence[Any]] = await self._pipeline.script(
            "budgets/status", [keys.BUDGETS], *names
        )
        return replies

    def _spent(self, scope: str, id: str, since: datetime) -> int:
        if scope == "key":
            return 0  # the archive does not know the keys of jobs
        self._archive.prepare()
        return self._archive.history.spent(None if scope == "global" else scope, id, since)  # type: ignore[arg-type]


def _applicable(principal: Principal) -> tuple[str, ...]:
    """Returns the names of the budgets that apply to the jobs of a principal, and the scopes that
    apply to everybody; nothing for an admin, who reads all.
    """
    if principal.listed_by is None:
        return ()
    own = {"user": principal.user_id, "team": principal.team_id, "key": principal.key_id}
    names = (budget_name(scope, id) for scope, id in own.items() if id)
    return (*names, budget_name("global", EVERYTHING), "type:", "model:")


def budget_exceeded(refusal: BudgetRefusal) -> Problem:
    """Returns the problem of a job that exceeds a budget."""
    owner = f" of {refusal.id}" if refusal.scope != "global" else ""
    available = max(0, refusal.limit - refusal.spent - refusal.reserved)
    limit = (
        f"allows at most {dollars(refusal.per_job_cap):.6g} USD per job"
        if refusal.reason == "per_job_cap"
        else f"has {dollars(available):.6g} of {dollars(refusal.limit):.6g} USD left"
    )
    return Problem(
        "budget-exceeded",
        f"The {refusal.scope} budget{owner} {limit}; the job may cost more. Nothing was charged.",
        scope=refusal.scope,
        id=refusal.id,
        reason=refusal.reason,
        currency=CURRENCY,
        limit=dollars(refusal.limit),
        spent=dollars(refusal.spent),
        reserved=dollars(refusal.reserved),
        per_job_cap=dollars(refusal.per_job_cap),
        retry_at=timestamp(str(refusal.resets_ms)) if refusal.reason == "limit" else None,
    )


def represent_budget(reply: Sequence[Any]) -> dict[str, Any]:
    """Returns the JSON object of a budget, from the reply of budgets/status.lua.

    Raises DamagedRecord.
    """
    return read_intact(f"budget {reply[0]}", lambda: _budget(reply))


def _budget(reply: Sequence[Any]) -> dict[str, Any]:
    name, spent, reserved, window_start_ms, window_end_ms = map(str, reply[:5])
    scope, _, id = name.partition(":")
    terms = pairs(list(map(str, reply[5:])))
    limit, used = int(terms["limit"]), int(spent) + int(reserved)
    soft = from_json(terms.get("soft", "[]"))
    crossed = [share for share in soft if limit and used >= share * limit]
    return {
        "scope": scope,
        "id": unquote(id),
        "limit": dollars(limit),
        "currency": CURRENCY,
        "window": terms["window"],
        "timezone": terms.get("timezone", "UTC"),
        "mode": terms["mode"],
        "soft": soft,
        "per_job_cap": dollars(terms.get("per_job_cap")),
        "spent": dollars(spent),
        "reserved": dollars(reserved),
        "available": dollars(max(0, limit - used)),
        "window_start": timestamp(window_start_ms),
        "resets_at": timestamp(window_end_ms),
        "state": "exhausted" if used >= limit else "warning" if crossed else "ok",
        "crossed": crossed,
    }


def _not_found(name: str) -> Problem:
    return Problem("budget-not-found", f"There is no budget {truncated(name)}.")


def _terms(request: BudgetRequest) -> BudgetTerms:
    return BudgetTerms(
        limit=micros(request.limit),
        window=request.window,
        mode=request.mode,
        soft=tuple(sorted(request.soft)),
        per_job_cap=None if request.per_job_cap is None else micros(request.per_job_cap),
        timezone=request.timezone,
    )
