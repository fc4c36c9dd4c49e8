"""Creates the job of a request, so that a request that is sent again is the same job."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.handlers.job_responses import content_removed, submit_problem
from loresmith.api.http.forwarded import client_path
from loresmith.api.http.idempotency import idempotency_key, idempotency_slot
from loresmith.api.http.principals import principal_of
from loresmith.api.http.responses import JSONResponse
from loresmith.api.services.job_creation import JobCreation
from loresmith.api.services.job_store import JobStore, JobStores
from loresmith.api.services.sdk_retries import SdkRetries, digest_of, retry_number
from loresmith.api.services.submissions import ValidatedJob
from loresmith.jobs.core.job_record import Record, new_id


async def _nothing() -> None:
    pass


@dataclass(frozen=True)
class CreatedJob:
    """The job of a request."""

    record: Record
    store: JobStore
    is_replay: bool
    delivered: Callable[[], Awaitable[None]] = _nothing
    """Notes that its answer was written to the client."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer."""
        replayed = {"Idempotent-Replayed": "true"} if self.is_replay else {}
        job_id = self.record["id"]
        return {"Location": client_path(f"/jobs/{job_id}"), "Loresmith-Job": job_id} | replayed

    def response(self, body: Any) -> Response:
        """Returns an answer, whose delivery is noted."""
        task = BackgroundTask(self.delivered)
        return JSONResponse(body, headers=self.headers, background=task)


class OpenAIJobs:
    """Creates jobs for OpenAI's routes."""

    def __init__(self, stores: JobStores, creation: JobCreation, retries: SdkRetries) -> None:
        self._stores = stores
        self._creation = creation
        self._retries = retries

    def store_of(self, request: Request) -> JobStore:
        """Returns the jobs that the request's principal reaches."""
        return self._stores.of(request)

    async def create(
        self,
        request: Request,
        route: str,
        body: bytes,
        job: ValidatedJob,
        *,
        is_awaited: bool,
        reads_text: bool,
    ) -> CreatedJob:
        """Creates the job, or returns that of an earlier try of the request. `reads_text`: its
        client reads the text as it is written.

        Raises Problem, StoreUnavailable.
        """
        store, principal = self._stores.of(request), principal_of(request)
        delivered = _nothing
        if key := idempotency_key(request.headers):
            job_id, slot = new_id(), idempotency_slot(principal, route, key)
        else:
            digest = digest_of(principal, route, body)
            job_id = await self._retries.job_id(digest, retry_number(request.headers))
            slot = idempotency_slot(principal, route, job_id)

            async def delivered() -> None:
                await self._retries.delivered(digest, job_id)

        submitted = await self._creation.submit(
            store, job_id, job, slot, is_awaited=is_awaited, reads_text=reads_text
        )
        if submitted.outcome not in ("created", "existing") or not submitted.record:
            raise submit_problem(submitted)
        if "content_removed_ms" in submitted.record:
            raise content_removed(submitted.record)
        is_replay = submitted.outcome == "existing"
        return CreatedJob(submitted.record, store, is_replay, delivered)
