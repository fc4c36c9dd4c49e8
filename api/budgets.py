"""Budgets: what may be spent, by whom, in which window."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.answers import JSON
from api.batching import Batch
from api.bodies import fit, parse, read, require_json
from api.operation import Answer, Parameter, operation
from api.problems import Problem, at, echo, invalid, parameter
from api.requests import Terms as AskedTerms
from archive import Archive
from jobs import keys
from jobs.budgets import EVERYTHING, SCOPES, Refusal, Terms, window_start
from jobs.cost import CURRENCY, dollars, micros
from jobs.job import timestamp
from jobs.kinds import KINDS
from jobs.scripts import flat, pairs

LONGEST = 200
SCOPE = Parameter("scope", "path", "Whose", {"type": "string", "enum": list(SCOPES)}, True)
OWN_ID = Parameter(
    "id", "path", "Of the team, user, job type or model; `all` of global", required=True
)
PROBLEMS = ("validation-error", "budget-not-found", "temporary-reduced-capacity")


class Budgets:
    """The routes of budgets. Jobs are held to them in the script that makes a job."""

    def __init__(self, batch: Batch, archive: Archive, max_body: int) -> None:
        self._batch = batch
        self._archive = archive
        self._max_body = max_body

    @operation(
        "List budgets",
        {200: Answer("All budgets, as they stand now.", "Budgets")},
        problems=("temporary-reduced-capacity",),
    )
    async def list(self, request: Request) -> Response:
        """With what is spent and reserved in the window of now."""
        found = await self._batch.script("standing", [keys.BUDGETS], "")
        return JSON({"budgets": [shown(told) for told in found]})

    @operation(
        "Read a budget",
        {200: Answer("The budget, as it stands now.", "Budget")},
        problems=PROBLEMS,
        parameters=(SCOPE, OWN_ID),
    )
    async def read(self, request: Request) -> Response:
        """`available` is the limit without what is spent and what is reserved."""
        return JSON(await self._standing(_name(request)))

    @operation(
        "Set a budget",
        {200: Answer("The budget with its new terms.", "Budget")},
        problems=(
            "validation-error", "payload-too-large", "unsupported-media-type",
            "temporary-reduced-capacity",
        ),
        parameters=(SCOPE, OWN_ID),
        body="Terms",
        example={"limit": 10.0, "window": "month"},
    )  # fmt: skip
    async def put(self, request: Request) -> Response:
        """Counts for the next job on. What jobs of the window have cost before counts too, as far
        as the archive knows it. Jobs that are under way keep what they have reserved.
        """
        name = _name(request)
        require_json(request)
        body = await read(request, self._max_body)
        asked, now = fit(AskedTerms, body, parse(body)), datetime.now(UTC)
        terms = _terms(asked)
        try:
            fields = terms.fields(now)
        except ValueError as error:
            raise invalid(at(("timezone",), str(error))) from None
        scope, id = _place(request)
        since = window_start(terms.window, terms.timezone, now)
        spent = await run_in_threadpool(self._spent, scope, id, since)
        names = [keys.budget(name), keys.BUDGETS]
        await self._batch.script("budget_set", names, name, spent, *flat(fields))
        return JSON(await self._standing(name))

    @operation(
        "Delete a budget",
        {204: Answer("It limits nothing any more.")},
        problems=PROBLEMS,
        parameters=(SCOPE, OWN_ID),
    )
    async def delete(self, request: Request) -> Response:
        """What it has counted is kept for its time, and counts again if it is set again."""
        name = _name(request)
        names = [keys.budget(name), keys.BUDGETS]
        answer = await self._batch.script("budget_drop", names, name)
        if answer[0] == "gone":
            raise _missing(name)
        return Response(status_code=204)

    async def _standing(self, name: str) -> dict[str, Any]:
        found = await self._batch.script("standing", [keys.BUDGETS], name)
        if not found:
            raise _missing(name)
        return shown(found[0])

    def _spent(self, scope: str, id: str, since: datetime) -> int:
        self._archive.prepare()
        return self._archive.history.spent(None if scope == "global" else scope, id, since)  # type: ignore[arg-type]


def exceeded(refusal: Refusal) -> Problem:
    """The problem of a job for which a budget has no room."""
    whose = f"The {refusal.scope} budget" + (
        f" of {refusal.id}" if refusal.scope != "global" else ""
    )
    room = max(0, refusal.limit - refusal.spent - refusal.reserved)
    why = (
        f"lets one job cost {dollars(refusal.per_job_cap):.6g} USD at most"
        if refusal.reason == "per_job_cap"
        else f"has {dollars(room):.6g} of {dollars(refusal.limit):.6g} USD left"
    )
    return Problem(
        "budget-exceeded",
        f"{whose} {why}, which is less than the job may cost. Nothing was bought.",
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


def _place(request: Request) -> tuple[str, str]:
    """Scope and id in the path. Raises Problem."""
    scope: str = request.path_params["scope"]
    id: str = request.path_params.get("id", EVERYTHING if scope == "global" else "")
    if scope not in SCOPES:
        told = f"must be one of {', '.join(SCOPES)}, not {echo(scope)!r}"
        raise invalid(parameter("scope", told))
    if not 1 <= len(id) <= LONGEST or not id.isprintable():
        raise invalid(parameter("id", f"must have 1 to {LONGEST} characters, all printable"))
    if scope == "global" and id != EVERYTHING:
        raise invalid(parameter("id", f"must be {EVERYTHING}: there is one global budget"))
    if scope == "type" and id not in KINDS:
        raise invalid(parameter("id", f"must be one of {', '.join(KINDS)}"))
    return scope, id


def _name(request: Request) -> str:
    return keys.budget_name(*_place(request))


def _missing(name: str) -> Problem:
    return Problem("budget-not-found", f"There is no budget {echo(name)}.")


def _terms(asked: AskedTerms) -> Terms:
    return Terms(
        limit=micros(asked.limit),
        window=asked.window,
        mode=asked.mode,
        soft=tuple(sorted(asked.soft)),
        per_job_cap=None if asked.per_job_cap is None else micros(asked.per_job_cap),
        timezone=asked.timezone,
    )


def shown(told: Sequence[Any]) -> dict[str, Any]:
    """A budget as clients see it, from the answer of the script."""
    name, spent, reserved, first, end = map(str, told[:5])
    scope, _, id = name.partition(":")
    terms = pairs(list(map(str, told[5:])))
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
        "window_start": timestamp(first),
        "resets_at": timestamp(end),
        "state": "exhausted" if used >= limit else "warning" if crossed else "ok",
        "crossed": crossed,
    }
