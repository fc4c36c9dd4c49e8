"""`GET /jobs/stats`."""

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.services.job_statistics import job_statistics
from loresmith.api.services.job_store import JobStores
from loresmith.jobs.store.pipeline import PipelineBatcher


class StatsHandlers:
    """Reports on all jobs."""

    def __init__(self, stores: JobStores, pipeline: PipelineBatcher) -> None:
        self._stores = stores
        self._pipeline = pipeline

    @operation(
        "Statistics",
        {200: ResponseSpec("Statistics of the jobs that have not expired.", "StatsResponse")},
        scope="jobs:read",
        problems=("temporary-reduced-capacity",),
    )
    async def stats(self, request: Request) -> Response:
        """Counts cover all jobs: unfinished ones, and ended ones until they are deleted. Times
        and costs cover the latest thousand ended jobs.
        """
        return JSONResponse(await job_statistics(self._stores.of(request), self._pipeline))
