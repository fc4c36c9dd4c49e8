"""`POST /jobs/estimate` and `GET /jobs/{id}/calls`: costs before and after."""

import asyncio
from typing import Any

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.handlers.job_responses import job_id_of, load_job
from loresmith.api.http.body import read_body, require_json
from loresmith.api.http.principals import principal_of
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.fragments import BODY_PROBLEMS, JOB_ID, NEW_JOB_EXAMPLE
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.representation import timestamp
from loresmith.api.services.budgets import BudgetService
from loresmith.api.services.job_store import JobStores
from loresmith.api.services.pricing import PricingService, represent_forecast
from loresmith.api.services.response_cache import CACHE_ALTERNATIVE
from loresmith.api.services.run_statistics import RunStatistics
from loresmith.api.services.submissions import ValidatedJob, parse_submission
from loresmith.jobs.core.damaged_record import DamagedRecord, intact, read_intact, report
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.costs.money import CURRENCY, dollars
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import CommandRefused, PipelineBatcher

CALL_FIELDS = (
    *("call_id", "step", "model", "state", "attempt", "usable", "usage"),
    *("cost_micros", "likely_micros", "max_micros", "intent_ms", "settled_ms", "cached"),
    *("provider", "schema_mode", "max_tokens_parameter", "repaired", "refusals"),
)
"""Fields of a ledger row; its text may be long and is omitted."""


class EstimateHandlers:
    """Estimates jobs and lists their model calls."""

    def __init__(
        self,
        stores: JobStores,
        pipeline: PipelineBatcher,
        statistics: RunStatistics,
        pricing: PricingService,
        budgets: BudgetService,
        settings: Settings,
    ) -> None:
        self._stores = stores
        self._pipeline = pipeline
        self._statistics = statistics
        self._pricing = pricing
        self._budgets = budgets
        self._settings = settings

    @operation(
        "Estimate a job",
        {
            200: ResponseSpec(
                "Duration, tokens and cost, and whether the job is allowed.", "EstimateResponse"
            )
        },
        scope="jobs:read",
        problems=(*BODY_PROBLEMS, "temporary-reduced-capacity"),
        body="NewJob",
        example=NEW_JOB_EXAMPLE,
    )
    async def estimate(self, request: Request) -> Response:
        """Takes the body of POST /jobs. Creates no job and costs nothing."""
        require_json(request)
        body = await read_body(request, self._settings.max_body_bytes)
        job = parse_submission(
            body,
            self._settings.start_deadline_s,
            self._settings.providers,
            principal_of(request),
        )
        return JSONResponse(await self._estimate(job))

    @operation(
        "List the model calls of a job",
        {200: ResponseSpec("The rows of the call ledger, oldest first.", "CallListResponse")},
        scope="jobs:read",
        problems=("job-not-found", "temporary-reduced-capacity"),
        parameters=(JOB_ID,),
    )
    async def calls(self, request: Request) -> Response:
        """`cost` is null while it is unknown; `upper_bound` then limits it. The sum of the costs is
        the job's `cost.actual`.
        """
        record = await load_job(self._stores.of(request), job_id_of(request))
        call_ids = sorted(await self._pipeline.execute("SMEMBERS", keys.calls(record["id"])))
        rows = await asyncio.gather(*(self._ledger_row(call_id) for call_id in call_ids))
        calls = intact((row for row in rows if "state" in row), _read)
        calls.sort(key=lambda call: (call["started_at"] or "", call["call_id"]))
        return JSONResponse({"calls": calls, "currency": CURRENCY})

    async def _estimate(self, job: ValidatedJob) -> dict[str, Any]:
        submission, options, pricing = job.submission, job.options, self._pricing
        forecast = await pricing.estimate(job)
        duration = await self._statistics.duration(submission.type, submission.model)
        violation = pricing.violation(forecast, options)
        unconfirmed = pricing.requires_confirmation(forecast, options)
        cap = pricing.cap(options) if violation else pricing.confirm_cost_above
        cached = await pricing.cache.contains(job)
        rejected = violation is not None or unconfirmed
        alternatives = await pricing.alternatives(job, cap) if rejected else []
        if cached and rejected:
            alternatives.insert(0, CACHE_ALTERNATIVE)
        return {
            "estimate": represent_forecast(forecast, duration),
            "cached": cached,
            "allowed": violation is None,
            "violations": (
                [{"code": violation.code, "detail": violation.detail}] if violation else []
            ),
            "requires_confirmation": unconfirmed and not violation,
            "alternatives": alternatives,
            "budget": {"available": await self._budgets.available(submission.budgets().split())},
        }

    async def _ledger_row(self, call_id: str) -> dict[str, str]:
        try:
            values = await self._pipeline.execute("HMGET", keys.call(call_id), *CALL_FIELDS)
        except CommandRefused as error:
            report(DamagedRecord(f"call {call_id}: {error}"))
            return {}
        row = zip(CALL_FIELDS, values, strict=True)
        return {name: value for name, value in row if value is not None}


def _read(row: dict[str, str]) -> dict[str, Any]:
    return read_intact(f"call {row.get('call_id')}", lambda: _represent(row))


def _represent(row: dict[str, str]) -> dict[str, Any]:
    usage: dict[str, Any] = from_json(row.get("usage") or "{}")
    free = row["state"] == "released" or "cached" in row
    return {
        "call_id": row["call_id"],
        "step": row["step"],
        "model": row.get("model"),
        "provider": row.get("provider"),
        "refusals": from_json(row.get("refusals") or "[]"),
        "schema_mode": row.get("schema_mode"),
        "max_tokens_parameter": row.get("max_tokens_parameter"),
        "state": row["state"],
        "attempt": int(row["attempt"]),
        "usable": row.get("usable") != "0",
        "repaired": row.get("repaired"),
        "tokens": _tokens(usage) if usage else None,
        "cached": "cached" in row,
        "requests": 0 if free else usage.get("requests", 1),
        "cost": dollars(row.get("cost_micros")),
        "likely": dollars(row.get("likely_micros", row.get("cost_micros"))),
        "upper_bound": dollars(_upper_bound(row)),
        "started_at": timestamp(row.get("intent_ms")),
        "settled_at": timestamp(row.get("settled_ms")),
    }


def _upper_bound(row: dict[str, str]) -> str | None:
    """Returns the cost, or the maximum where the cost is not known for certain."""
    if "likely_micros" in row:
        return row.get("max_micros")
    return row.get("cost_micros", row.get("max_micros"))


def _tokens(usage: dict[str, Any]) -> dict[str, int]:
    names = ("input", "output", "cached", "reasoning")
    return {name: usage.get(f"{name}_tokens", 0) for name in names}
