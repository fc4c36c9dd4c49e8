"""`GET /audit`: who changed what, from the archive."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import Field
from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from loresmith.api.http.problems import parameter, validation_error
from loresmith.api.http.query import Integer, OneOf, QueryModel, Time
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.archive import (
    Archive,
    ArchiveRefused,
    AuditFilter,
    AuditRecord,
    AuditTrail,
    CursorPage,
)
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher

T = TypeVar("T")

MAX_LIMIT = 200
COLUMNS = ("number", "at", "actor", "action", "object", "before", "after", "request_id", "address",
           "hash")  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Characters with which a spreadsheet takes a cell for a formula."""


class AuditParams(QueryModel):
    """Filters combine with AND."""

    STRICT: ClassVar[bool] = True

    actor: str | None = Field(None, description="The exact principal, for example `key:a1b2c3d4`")
    action: str | None = Field(None, description="The exact action, for example `job.cancel`")
    object: str | None = Field(None, description="The exact object, for example `job 0198…`")
    since: Time | None = Field(None, alias="from", description="Since then")
    until: Time | None = Field(None, alias="to", description="Before then")
    limit: Integer = Field(50, description="Records per page of JSON", ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, description="`next_cursor` of the previous page")
    format: Annotated[str, OneOf(("json", "csv"))] | None = Field(
        None, description="`csv` returns all matching records; so does `Accept: text/csv`"
    )

    def filter(self) -> AuditFilter:
        return AuditFilter(self.actor, self.action, self.object, self.since, self.until)


class AuditHandlers:
    """Reads the audit. The archive blocks, so a thread reads it."""

    def __init__(self, pipeline: PipelineBatcher, archive: Archive) -> None:
        self._pipeline = pipeline
        self._archive = archive

    @operation(
        "Read the audit",
        {200: ResponseSpec("A page of records, newest first; or a table.", "AuditResponse")},
        scope="audit",
        problems=("validation-error", "temporary-reduced-capacity"),
        parameters=AuditParams.parameters(),
    )
    async def list(self, request: Request) -> Response:
        """An action is archived about a second after it; `pending` counts those that are not yet.
        Records are never changed; they hold ids and settings, no payloads.
        """
        params = AuditParams.from_query(request.query_params)
        page = await self._page(params, params.limit, params.cursor)
        if (params.format or _preferred(request)) == "csv":
            return StreamingResponse(self._table(params), media_type="text/csv; charset=utf-8")
        pending = await self._pipeline.execute("XLEN", keys.AUDIT_OUTBOX)
        records = [_represent(record) for record in page.items]
        return JSONResponse(
            {"records": records, "next_cursor": page.next_cursor, "pending": pending}
        )

    @operation(
        "Check the audit",
        {200: ResponseSpec("Whether all rows fit their hashes.", "AuditCheckResponse")},
        scope="audit",
        problems=("temporary-reduced-capacity",),
    )
    async def check(self, request: Request) -> Response:
        """Reads all rows. A row that was changed, removed or inserted breaks the chain."""
        outcome = await self._read(lambda trail: trail.check_chain())
        return JSONResponse(vars(outcome) | {"intact": outcome.broken_at is None})

    async def _table(self, params: AuditParams) -> AsyncIterator[str]:
        """Returns all matching records as CSV, page by page."""
        yield _line(COLUMNS)
        cursor = params.cursor
        while True:
            page = await self._page(params, MAX_LIMIT, cursor)
            yield "".join(_line(_cells(record)) for record in page.items)
            if (cursor := page.next_cursor) is None:
                return

    async def _page(
        self, params: AuditParams, limit: int, cursor: str | None
    ) -> CursorPage[AuditRecord]:
        try:
            return await self._read(
                lambda trail: trail.page(params.filter(), limit=limit, cursor=cursor)
            )
        except ArchiveRefused as error:
            raise validation_error(parameter("cursor", str(error))) from None

    async def _read(self, query: Callable[[AuditTrail], T]) -> T:
        """Queries the archive, and creates its tables first if needed. Raises ArchiveError."""

        def read() -> T:
            self._archive.prepare()
            return query(self._archive.audit)

        return await run_in_threadpool(read)


def _preferred(request: Request) -> str:
    return "csv" if "text/csv" in request.headers.get("accept", "") else "json"


def _represent(record: AuditRecord) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in COLUMNS}
    for name in ("before", "after"):
        values[name] = from_json(values[name]) if values[name] else None
    return values


def _cells(record: AuditRecord) -> list[str]:
    values = (getattr(record, name) for name in COLUMNS)
    return [each.isoformat() if hasattr(each, "isoformat") else str(each) for each in values]


def _line(cells: Any) -> str:
    """Returns a line of CSV. A text that a spreadsheet would run gets a quote before it."""
    safe = [f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in cells]
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(safe)
    return text.getvalue()
