"""`GET /jobs` and `POST /jobs/{id}/seen`."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.handlers.job_responses import job_id_of, job_not_found, job_problem, load_job
from loresmith.api.http.body import optional_body
from loresmith.api.http.forwarded import client_path
from loresmith.api.http.idempotency import idempotency_slot, unquoted
from loresmith.api.http.principals import principal_of
from loresmith.api.http.problems import parameter
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.fragments import BODY_PROBLEMS, JOB_ID
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.representation import represent_job
from loresmith.api.schemas.requests import Acknowledgement
from loresmith.api.services.job_query import JobPage, JobQuery
from loresmith.api.services.job_store import JobStores
from loresmith.api.services.list_params import JobListParams, encode_cursor
from loresmith.jobs.core.damaged_record import intact, read_intact
from loresmith.jobs.core.job_record import Record

LARGE_FIELDS = ("result", "partial_result")


class JobListHandlers:
    """Lists jobs, and marks them as seen."""

    def __init__(self, stores: JobStores, max_body_bytes: int) -> None:
        self._stores = stores
        self._max_body_bytes = max_body_bytes

    @operation(
        "List jobs",
        {200: ResponseSpec("A page of jobs, newest first.", "JobListResponse", ("Link",))},
        scope="jobs:read",
        problems=("validation-error", "conflicting-fields", "temporary-reduced-capacity"),
        parameters=JobListParams.parameters(),
    )
    async def list(self, request: Request) -> Response:
        """Filters combine with AND. `counts` ignores the `status` filter, and is null with filters
        by text, priority or time. A page may be short or empty and still have a `next_cursor`.
        """
        params = JobListParams.from_query(request.query_params)
        query, store = params.to_query(), self._stores.of(request)
        if params.idempotency_key is not None:
            page = await self._page_of_key(request, params.idempotency_key)
            return JSONResponse(_represent_page(page, query, params.include, None))
        page = await store.find(query)
        counts = await store.count(query.indexes) if query.countable else None
        body = _represent_page(page, query, params.include, counts)
        return JSONResponse(body, headers=_link_header(request, body["next_cursor"]))

    @operation(
        "Mark as seen",
        {204: ResponseSpec("The job is no longer listed under `seen=false`.")},
        scope="jobs:write",
        problems=(*BODY_PROBLEMS, "job-not-found", "not-finished", "temporary-reduced-capacity"),
        parameters=(JOB_ID,),
        body="Acknowledgement",
        body_required=False,
        example={"recovered": True},
    )
    async def seen(self, request: Request) -> Response:
        """Records that a client has shown the end of the job, so that it is announced once."""
        job_id, store = job_id_of(request), self._stores.of(request)
        acknowledgement = await optional_body(request, Acknowledgement, self._max_body_bytes)
        outcome = await store.mark_seen(
            job_id, acknowledgement.recovered, acknowledgement.paused_ms
        )
        if outcome == "active":
            record = await load_job(store, job_id)
            raise job_problem("not-finished", "The job has not ended yet.", record)
        if outcome == "gone":
            raise job_not_found(job_id)
        return Response(status_code=204)

    async def _page_of_key(self, request: Request, idempotency_key: str) -> JobPage:
        key = unquoted(parameter, "idempotency_key", idempotency_key)
        slot = idempotency_slot(principal_of(request), "POST /jobs", key)
        record = await self._stores.of(request).job_of_slot(slot)
        return JobPage([record] if record else [], ("", ""))


def _represent_page(
    page: JobPage, query: JobQuery, include: frozenset[str], counts: dict[str, int] | None
) -> dict[str, Any]:
    return {
        "jobs": intact(page.records, lambda record: _represent(record, include)),
        "next_cursor": encode_cursor(query, page.last),
        "counts": counts,
        "as_of": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _represent(record: Record, include: frozenset[str]) -> dict[str, Any]:
    is_stored = record.get("store") != "0"
    omitted = [name for name in LARGE_FIELDS if not is_stored or name not in include]
    job = represent_job({name: record[name] for name in record if name not in omitted})
    if "payload" not in include:
        return job
    return job | {
        "payload": read_intact(f"job {record['id']}", lambda: from_json(record["payload"]))
    }


def _link_header(request: Request, cursor: str | None) -> dict[str, str]:
    """Returns the Link to the next page."""
    if cursor is None:
        return {}
    query = [item for item in request.query_params.multi_items() if item[0] != "cursor"]
    path = client_path(f"/jobs?{urlencode([*query, ('cursor', cursor)])}")
    return {"Link": f'<{path}>; rel="next"'}
