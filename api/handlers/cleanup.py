"""`POST /jobs/cleanup`."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.audit import audit
from loresmith.api.http.body import optional_body
from loresmith.api.http.query import Flag, StrictQueryModel
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.fragments import BODY_PROBLEMS
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.representation import timestamp
from loresmith.api.schemas.requests import CleanupRequest
from loresmith.api.services.cleanup import clean_up
from loresmith.api.services.job_store import JobStores
from loresmith.jobs.core.logs import get_logger

log = get_logger(__name__)


class CleanupParams(StrictQueryModel):
    """A dry run by URL."""

    dry_run: Flag = Field(False, description="Like `dry_run` in the body")


class CleanupHandlers:
    """Deletes ended jobs."""

    def __init__(self, stores: JobStores, max_body_bytes: int) -> None:
        self._stores = stores
        self._max_body_bytes = max_body_bytes

    @operation(
        "Delete ended jobs",
        {200: ResponseSpec("The numbers of matching and deleted jobs.", "CleanupResponse")},
        scope="cleanup",
        problems=(*BODY_PROBLEMS, "temporary-reduced-capacity"),
        parameters=CleanupParams.parameters(),
        body="CleanupRequest",
        body_required=False,
        example={"older_than": "1h", "status": ["completed"], "dry_run": True},
    )
    async def cleanup(self, request: Request) -> Response:
        """Deletes jobs that ended more than `older_than` ago, 24 hours by default; jobs go by
        themselves when their retention is over. Needs no body, so that cron can call it. With
        `dry_run` it only says what it would delete. Never deletes an unfinished job.
        """
        params = CleanupParams.from_query(request.query_params)
        cleanup = await optional_body(request, CleanupRequest, self._max_body_bytes)
        dry_run = cleanup.dry_run or params.dry_run
        outcome = await clean_up(self._stores.of(request), cleanup, dry_run=dry_run)
        if not dry_run:
            log.info("cleanup", count=outcome.deleted, age_s=cleanup.older_than)
            selection = {"older_than_s": cleanup.older_than, "status": cleanup.status}
            await audit(request, "jobs.cleanup", after=selection | {"deleted": outcome.deleted})
        return JSONResponse(
            {
                "matched": sum(outcome.matched.values()),
                "by_status": outcome.matched,
                "deleted": outcome.deleted,
                "more": outcome.more,
                "dry_run": dry_run,
                "older_than_s": cleanup.older_than,
                "ended_before": timestamp(str(outcome.ended_before_ms)),
            }
        )
