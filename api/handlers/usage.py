"""`GET /usage`: what ended jobs cost, from the archive, which outlives the jobs in Redis."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.principals import principal_of
from loresmith.api.http.query import OneOf, QueryModel, Time
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.archive import Archive, UsageSums
from loresmith.archive.job_history import GROUPS, Group
from loresmith.jobs.costs.money import CURRENCY, dollars
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher

DEFAULT_GROUP: Group = "day"
GROUP_NAMES = (DEFAULT_GROUP, *(group for group in GROUPS if group != DEFAULT_GROUP))
SUMMED = tuple(name for name in UsageSums.__dataclass_fields__ if name != "key")


class UsageParams(QueryModel):
    """The period, and how to group it."""

    group_by: Annotated[Group, OneOf(GROUP_NAMES)] = Field(
        DEFAULT_GROUP, description="What a row stands for"
    )
    since: Time | None = Field(
        None, alias="from", description="Ended since then; the start of the month in UTC by default"
    )
    until: Time | None = Field(None, alias="to", description="Ended before then; now by default")


class UsageHandlers:
    """Reports usage. The archive blocks, so a thread reads it."""

    def __init__(self, pipeline: PipelineBatcher, archive: Archive) -> None:
        self._pipeline = pipeline
        self._archive = archive

    @operation(
        "Report usage",
        {
            200: ResponseSpec(
                "A row per group, the most expensive first; days in order.", "UsageResponse"
            )
        },
        scope="usage",
        problems=("validation-error", "temporary-reduced-capacity"),
        parameters=UsageParams.parameters(),
    )
    async def report(self, request: Request) -> Response:
        """Includes deleted jobs. A job is archived about a second after its end; `pending` counts
        those that are not archived yet, for admins. An admin sees the usage of all, others that of
        their own jobs.
        """
        params, now = UsageParams.from_query(request.query_params), datetime.now(UTC)
        since = params.since or now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        until = params.until or now
        owner = principal_of(request).archived_by
        rows = await run_in_threadpool(self._rows, params.group_by, since, until, owner)
        return JSONResponse(
            {
                "group_by": params.group_by,
                "since": _timestamp(since),
                "until": _timestamp(until),
                "currency": CURRENCY,
                "rows": [_represent(row) for row in rows],
                "total": _represent(_total(rows)),
                "pending": None if owner else await self._pipeline.execute("XLEN", keys.OUTBOX),
            }
        )

    def _rows(
        self, group: Group, since: datetime, until: datetime, owner: tuple[str, str] | None
    ) -> Sequence[UsageSums]:
        self._archive.prepare()
        return self._archive.history.usage(group, since, until, owner)


def _timestamp(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _total(rows: Sequence[UsageSums]) -> UsageSums:
    return UsageSums("", *(sum(getattr(row, name) for row in rows) for name in SUMMED))


def _represent(row: UsageSums) -> dict[str, Any]:
    """`estimate_error` covers only jobs that had an estimate."""
    error = row.estimated_cost_micros - row.estimate_micros
    return {
        "key": row.key or None,
        "jobs": row.jobs,
        "calls": row.calls,
        "tokens": {"input": row.input_tokens, "output": row.output_tokens},
        "cost": dollars(row.cost_micros),
        "estimate_error": error / row.estimate_micros if row.estimate_micros else None,
        "unknown_exposure": dollars(row.uncertain_micros),
        "unpriced_jobs": row.unpriced_jobs,
    }
