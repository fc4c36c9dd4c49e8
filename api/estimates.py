"""What a job would cost, and what its calls did cost."""

import asyncio
from typing import Any

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response

from api import budgets, views
from api.answers import JSON
from api.batching import Batch
from api.bodies import read, require_json
from api.history import History
from api.intake import submission
from api.jobs import BODY_PROBLEMS, EXAMPLE, JOB_ID, found
from api.kept import INSTEAD
from api.operation import Answer, operation
from api.quotes import Quotes, shown
from api.store import Store
from jobs import keys
from jobs.config import Config
from jobs.cost import CURRENCY, dollars
from jobs.job import Submission, timestamp

FIELDS = (
    *("call_id", "step", "model", "state", "attempt", "usable", "usage"),
    *("cost_micros", "max_micros", "intent_ms", "settled_ms", "cached"),
)
"""Of a row of the ledger; its text may be long and is left out."""


class Estimates:
    """The routes about the money of one job."""

    def __init__(
        self, store: Store, batch: Batch, history: History, quotes: Quotes, config: Config
    ) -> None:
        self._store = store
        self._batch = batch
        self._history = history
        self._quotes = quotes
        self._config = config

    @operation(
        "Estimate a job",
        {200: Answer("What the job would take and cost, and whether it may be made.", "Estimated")},
        problems=(*BODY_PROBLEMS, "temporary-reduced-capacity"),
        body="NewJob",
        example=EXAMPLE,
    )
    async def estimate(self, request: Request) -> Response:
        """Takes what POST /jobs takes, makes nothing and buys nothing."""
        require_json(request)
        body = await read(request, self._config.max_body)
        wanted = submission(body, self._config.start_within_s, self._config.model)
        return JSON(await self._told(wanted))

    @operation(
        "The model calls of a job",
        {200: Answer("The rows of the call ledger, in the order of purchase.", "Calls")},
        problems=("job-not-found", "temporary-reduced-capacity"),
        parameters=(JOB_ID,),
    )
    async def calls(self, request: Request) -> Response:
        """A call's `cost` is null while it is not known; then `at_most` bounds it. The sum is the
        job's `cost.actual`.
        """
        record = await found(self._store, views.job_id(request))
        names = sorted(await self._batch.execute("SMEMBERS", keys.calls(record["id"])))
        rows = await asyncio.gather(*(self._row(name) for name in names))
        kept = sorted((row for row in rows if "state" in row), key=_moment)
        return JSON({"calls": [_call(row) for row in kept], "currency": CURRENCY})

    async def _told(self, wanted: Submission) -> dict[str, Any]:
        estimate = await self._quotes.estimate(wanted)
        usual = await self._history.usual(wanted.type, wanted.model)
        options = from_json(wanted.options)
        broken = self._quotes.violation(estimate, options)
        confirm = self._quotes.wants_a_yes(estimate, options)
        cap = self._quotes.cap(options) if broken else self._quotes.confirm_above
        kept = await self._quotes.kept.has(wanted)
        others = await self._quotes.alternatives(wanted, cap) if broken or confirm else []
        if kept and (broken or confirm):
            others.insert(0, INSTEAD)
        return {
            "estimate": shown(estimate, usual),
            "kept": kept,
            "allowed": broken is None,
            "violations": [{"code": broken.code, "detail": broken.detail}] if broken else [],
            "needs_confirmation": confirm and not broken,
            "alternatives": others,
            "budget": {"available": await self._available(wanted)},
        }

    async def _available(self, wanted: Submission) -> float | None:
        """What the tightest of its hard budgets has left, in dollars; None without a budget."""
        names = wanted.budgets().split()
        asked = (self._batch.script("standing", [keys.BUDGETS], name) for name in names)
        found = [budgets.shown(told) for one in await asyncio.gather(*asked) for told in one]
        return min((one["available"] for one in found if one["mode"] == "hard"), default=None)

    async def _row(self, call_id: str) -> dict[str, str]:
        told = await self._batch.execute("HMGET", keys.call(call_id), *FIELDS)
        return {name: value for name, value in zip(FIELDS, told, strict=True) if value is not None}


def _call(row: dict[str, str]) -> dict[str, Any]:
    used: dict[str, Any] = from_json(row.get("usage") or "{}")
    return {
        "call_id": row["call_id"],
        "step": row["step"],
        "model": row.get("model"),
        "state": row["state"],
        "attempt": int(row["attempt"]),
        "usable": row.get("usable") != "0",
        "tokens": _tokens(used) if used else None,
        "cached": "cached" in row,
        "requests": 0 if row["state"] == "released" or "cached" in row else used.get("requests", 1),
        "cost": dollars(row.get("cost_micros")),
        "at_most": dollars(row.get("cost_micros", row.get("max_micros"))),
        "started_at": timestamp(row.get("intent_ms")),
        "settled_at": timestamp(row.get("settled_ms")),
    }


def _tokens(used: dict[str, Any]) -> dict[str, int]:
    names = ("input", "output", "cached", "reasoning")
    return {name: used.get(f"{name}_tokens", 0) for name in names}


def _moment(row: dict[str, str]) -> tuple[int, str]:
    return int(row["intent_ms"]), row["call_id"]
