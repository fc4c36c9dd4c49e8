"""`/queue` and `/workers`: what waits and why, pausing it, and draining a worker."""

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.audit import audit
from loresmith.api.http.body import required_body
from loresmith.api.http.params import Parameter
from loresmith.api.http.principals import principal_of
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.fragments import BODY_PROBLEMS
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.queue import PauseRequest, ResumeRequest
from loresmith.api.services.queue_status import QueueService
from loresmith.api.services.workers import WorkerService

WORKER = Parameter("name", "path", "Its name in GET /workers and `rq info`", required=True)
STORE = "temporary-reduced-capacity"


class QueueHandlers:
    """Shows, pauses and resumes the queue, lists workers and drains one."""

    def __init__(self, queue: QueueService, workers: WorkerService, max_body_bytes: int) -> None:
        self._queue = queue
        self._workers = workers
        self._max_body_bytes = max_body_bytes

    @operation(
        "Look at the queue",
        {200: ResponseSpec("What waits, and why.", "QueueResponse")},
        scope="queue",
        problems=(STORE,),
    )
    async def read(self, request: Request) -> Response:
        """Counts the waiting jobs of this server's queue by pool, owner and type, and says what
        holds them back. `wanted_workers` is meant for an autoscaler such as KEDA.
        """
        return JSONResponse(await self._queue.status())

    @operation(
        "Pause the queue",
        {200: ResponseSpec("All that is paused.", "PausesResponse")},
        scope="queue",
        problems=(*BODY_PROBLEMS, STORE),
        body="PauseRequest",
        example={"scope": "pool", "name": "openai/gpt-5-mini", "reason": "Budget review"},
    )
    async def pause(self, request: Request) -> Response:
        """Jobs are still accepted and wait: all of them, or those of a pool, a job type or an
        owner. Running jobs go on. It stays until it is resumed.
        """
        part = await required_body(request, PauseRequest, self._max_body_bytes)
        await self._queue.pause(part, principal_of(request).actor, part.reason)
        after = {"reason": part.reason}
        await audit(request, "queue.pause", _object(part), after=after)
        return JSONResponse({"paused": await self._queue.paused()})

    @operation(
        "Resume the queue",
        {200: ResponseSpec("All that is still paused.", "PausesResponse")},
        scope="queue",
        problems=(*BODY_PROBLEMS, STORE),
        body="ResumeRequest",
        example={"scope": "pool", "name": "openai/gpt-5-mini"},
    )
    async def resume(self, request: Request) -> Response:
        """Ends a pause of exactly this part: resuming `all` leaves a paused pool paused."""
        part = await required_body(request, ResumeRequest, self._max_body_bytes)
        if await self._queue.resume(part):
            await audit(request, "queue.resume", _object(part))
        return JSONResponse({"paused": await self._queue.paused()})

    @operation(
        "List workers",
        {200: ResponseSpec("The live workers of this server's queue.", "WorkerListResponse")},
        scope="queue",
        problems=(STORE,),
    )
    async def workers(self, request: Request) -> Response:
        """With their slots, and of the newest 1,000 running jobs those that each of them runs."""
        return JSONResponse({"workers": await self._workers.with_jobs()})

    @operation(
        "Drain a worker",
        {202: ResponseSpec("The worker was asked to stop.", "DrainResponse")},
        scope="queue",
        problems=("worker-not-found", STORE),
        parameters=(WORKER,),
    )
    async def drain(self, request: Request) -> Response:
        """It takes no other job, finishes its own within LORESMITH_SHUTDOWN_GRACE_S, and stops.
        What supervises it may start it again.
        """
        name: str = request.path_params["name"]
        await self._workers.drain(name)
        await audit(request, "worker.drain", f"worker {name}")
        return JSONResponse({"name": name, "draining": True}, 202)


def _object(part: ResumeRequest) -> str:
    """Returns the name of a part of the queue in the audit."""
    return f"queue {part.scope}:{part.name}" if part.name else f"queue {part.scope}"
