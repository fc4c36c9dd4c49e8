"""Finding jobs again: the list, its counts, and what nobody has looked at yet."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response

from api import views
from api.answers import JSON
from api.bodies import fit, parse, read, require_json
from api.idempotency import slot, unquoted
from api.jobs import ANYBODY, BODY_PROBLEMS, JOB_ID, found
from api.listing import PARAMETERS, included, next_cursor, query_of
from api.operation import Answer, operation
from api.problems import parameter
from api.query import Page, Query
from api.requests import Seen
from api.store import Store
from jobs.job import Record, public

HEAVY = ("result", "partial_result")


class Finding:
    """The routes that look at many jobs."""

    def __init__(self, store: Store, max_body: int) -> None:
        self._store = store
        self._max_body = max_body

    @operation(
        "Find jobs",
        {200: Answer("A page of jobs, newest first.", "Jobs", ("Link",))},
        problems=("validation-error", "conflicting-fields", "temporary-reduced-capacity"),
        parameters=PARAMETERS,
    )
    async def list(self, request: Request) -> Response:
        """All filters must fit. `counts` are of the same filters without `status`, and null where
        text or time is asked for. A page may be short, or empty, and still have a `next_cursor`.
        """
        wanted, heavy = query_of(request.query_params), included(request.query_params)
        if "idempotency_key" in request.query_params:
            return JSON(_shown(await self._of_key(request), wanted, heavy, None))
        page = await self._store.find(wanted)
        counts = await self._store.count(wanted.indexes) if wanted.countable else None
        shown = _shown(page, wanted, heavy, counts)
        return JSON(shown, headers=_link(request, shown["next_cursor"]))

    @operation(
        "Say that the end of a job was seen",
        {204: Answer("It is noted, and the job is no longer listed under `seen=false`.")},
        problems=(*BODY_PROBLEMS, "job-not-found", "not-finished", "temporary-reduced-capacity"),
        parameters=(JOB_ID,),
        body="Seen",
        body_required=False,
        example={"recovered": True},
    )
    async def seen(self, request: Request) -> Response:
        """So that what was completed while nobody looked can be shown, and shown once."""
        job_id = views.job_id(request)
        body, told = await read(request, self._max_body), Seen()
        if body:
            require_json(request)
            told = fit(Seen, body, parse(body))
        outcome = await self._store.seen(job_id, told.recovered, told.paused_ms)
        if outcome == "active":
            record = await found(self._store, job_id)
            raise views.with_job("not-finished", "The job has not ended yet.", record)
        if outcome == "gone":
            raise views.missing(job_id)
        return Response(status_code=204)

    async def _of_key(self, request: Request) -> Page:
        key = unquoted(parameter, "idempotency_key", request.query_params["idempotency_key"])
        record = await self._store.of_slot(slot(ANYBODY, "POST /jobs", key))
        return Page([record] if record else [], ("", ""))


def _shown(
    page: Page, wanted: Query, heavy: set[str], counts: dict[str, int] | None
) -> dict[str, Any]:
    return {
        "jobs": [_listed(record, heavy) for record in page.records],
        "next_cursor": next_cursor(wanted, page.last),
        "counts": counts,
        "as_of": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _listed(record: Record, heavy: set[str]) -> dict[str, Any]:
    light = {name: told for name, told in record.items() if name not in HEAVY or name in heavy}
    job = public(light)
    return job | {"payload": from_json(record["payload"])} if "payload" in heavy else job


def _link(request: Request, cursor: str | None) -> dict[str, str]:
    if cursor is None:
        return {}
    given = [(name, told) for name, told in request.query_params.multi_items() if name != "cursor"]
    return {"Link": f'</jobs?{urlencode([*given, ("cursor", cursor)])}>; rel="next"'}
