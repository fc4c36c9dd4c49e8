"""`POST /jobs`, `PUT` and `GET /jobs/{id}`, and `GET /jobs/{id}/result`."""

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.events.backlog import EventLog
from loresmith.api.handlers.job_responses import (
    accepted_response,
    content_removed,
    forget_once_read,
    job_etag,
    job_id_of,
    job_problem,
    job_response,
    load_job,
    submit_problem,
)
from loresmith.api.handlers.prefer_wait import WAIT_PARAMETERS, PreferWait, requested_wait_s
from loresmith.api.http.body import read_body, require_json
from loresmith.api.http.conditional import known_etags, matches_etag
from loresmith.api.http.forwarded import client_path
from loresmith.api.http.idempotency import idempotency_key, idempotency_slot
from loresmith.api.http.params import Parameter, path_uuid
from loresmith.api.http.principals import principal_of
from loresmith.api.http.problems import (
    Problem,
    header,
    parameter,
    validation_error,
)
from loresmith.api.openapi.fragments import (
    BODY_PROBLEMS,
    CREATED_HEADERS,
    JOB_ID,
    NEW_JOB_EXAMPLE,
)
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.representation import LIVE_PARTIAL_RESULT
from loresmith.api.schemas.sparse_fields import ALL_FIELDS, FieldSelection
from loresmith.api.services.ended_jobs import EndedJobs
from loresmith.api.services.job_creation import JobCreation
from loresmith.api.services.job_store import JobStore, JobStores, SubmitOutcome
from loresmith.api.services.submissions import ValidatedJob, parse_submission
from loresmith.jobs.core.damaged_record import DamagedRecord
from loresmith.jobs.core.job_record import Record, is_active, json_text, new_id
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.core.status import Status

IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Bare or in double quotes. The same key with the same body returns the same job until the job "
    "expires. `X-Idempotency-Key` is an alias.",
)
KEY_PROBLEM = "/problems/idempotency-key-required"
IF_NONE_MATCH = Parameter("If-None-Match", "header", "The ETag that the client has")
CREATE_PROBLEMS = (
    *BODY_PROBLEMS,
    "idempotency-key-required",
    "cost-cap-exceeded",
    "price-unknown",
    "cost-confirmation-required",
    "job-not-found",
    "budget-exceeded",
    "job-deleted",
    "queue-full",
    "idempotency-key-reused",
    "temporary-reduced-capacity",
)
CREATE_RESPONSES = {
    202: ResponseSpec("The job is stored and will run.", "Job", CREATED_HEADERS),
    200: ResponseSpec(
        "The existing job of a repeated request (`reused` is true), or, with `Prefer: wait`, a new "
        "job that ended in time.",
        "Job",
        ("Idempotent-Replayed", "ETag", "Retry-After"),
    ),
}


class JobHandlers:
    """Creates and reads jobs."""

    def __init__(
        self,
        stores: JobStores,
        creation: JobCreation,
        settings: Settings,
        prefer_wait: PreferWait,
        log: EventLog,
        ended_jobs: EndedJobs,
    ) -> None:
        self._stores = stores
        self._creation = creation
        self._settings = settings
        self._prefer_wait = prefer_wait
        self._log = log
        self._ended_jobs = ended_jobs

    @operation(
        "Create a job",
        CREATE_RESPONSES,
        scope="jobs:write",
        problems=CREATE_PROBLEMS,
        parameters=(IDEMPOTENCY_KEY, *WAIT_PARAMETERS),
        body="NewJob",
        example=NEW_JOB_EXAMPLE,
    )
    async def create(self, request: Request) -> Response:
        """Stores the job and responds at once; the job runs in the background. Poll its Location.
        If the response is lost, repeat the request with the same Idempotency-Key. A rejected
        request does not use up its key.
        """
        key = self._idempotency_key(request)
        slot = idempotency_slot(principal_of(request), "POST /jobs", key) if key else None
        return await self._submit(request, new_id(), await self._validated_job(request), slot)

    @operation(
        "Create a job with the client's own id",
        CREATE_RESPONSES,
        scope="jobs:write",
        problems=CREATE_PROBLEMS,
        parameters=(JOB_ID, *WAIT_PARAMETERS),
        body="NewJob",
        example=NEW_JOB_EXAMPLE,
    )
    async def put(self, request: Request) -> Response:
        """Works like POST /jobs, with the id as the key: a client that stores a UUID before the
        request can always find its job again. The id of a deleted job stays taken.
        """
        if idempotency_key(request.headers):
            raise Problem(
                "conflicting-fields",
                "The id of the path is the key of this request; send no Idempotency-Key.",
                errors=[header("Idempotency-Key", "is not allowed with an id in the path")],
            )
        job_id = path_uuid(request)
        if job_id is None:
            raise validation_error(
                parameter("id", "must be a UUID, for example from crypto.randomUUID()")
            )
        slot = idempotency_slot(principal_of(request), "PUT /jobs", job_id)
        job, store = await self._validated_job(request), self._stores.of(request)
        if ended := await self._ended_jobs.taken(store, job_id, slot, job.submission):
            raise submit_problem(ended)
        return await self._submit(request, job_id, job, slot)

    @operation(
        "Read a job",
        {
            200: ResponseSpec("The job.", "Job", ("ETag", "Retry-After")),
            304: ResponseSpec("The client has this version already.", headers=("ETag",)),
        },
        scope="jobs:read",
        job_token=True,
        problems=("job-not-found", "temporary-reduced-capacity"),
        parameters=(JOB_ID, IF_NONE_MATCH, *WAIT_PARAMETERS, *FieldSelection.parameters()),
    )
    async def read(self, request: Request) -> Response:
        """`Retry-After` says when to poll again, and is absent once the job has ended. Jobs are
        deleted some time after their end: see `expires_at`.
        """
        job_id, selection, wait_s = job_id_of(request), ALL_FIELDS, None
        if request.scope["query_string"]:
            selection = FieldSelection.from_query(request.query_params)
        store = self._stores.of(request)
        record = await load_job(store, job_id)
        if wait_s := requested_wait_s(request):
            record = await self._waited(request, store, record, selection, wait_s)
        etag = job_etag(record, selection)
        if matches_etag(request, etag):
            return Response(status_code=304, headers={"ETag": etag})
        if is_active(record) and not record["lease_holder"]:
            record = await store.with_queue_position(record)
        if is_active(record) and "partial" in selection.include:
            partial = await self._log.partial_result(record)
            record = {**record, **({LIVE_PARTIAL_RESULT: json_text(partial)} if partial else {})}
        response = job_response(record, selection=selection, waited_s=wait_s)
        if selection.names and "result" not in selection.names:
            return response
        return await forget_once_read(request, store, record, response)

    @operation(
        "Read the result of a job",
        {200: ResponseSpec("The result; `GET /job-types` has its schema.", "Result", ("ETag",))},
        scope="jobs:read",
        job_token=True,
        problems=(
            "job-not-found", "not-finished", "no-result", "content-removed",
            "temporary-reduced-capacity",
        ),
        parameters=(JOB_ID,),
    )  # fmt: skip
    async def result(self, request: Request) -> Response:
        """Returns the `result` of the job alone, as JSON."""
        store = self._stores.of(request)
        record = await load_job(store, job_id_of(request))
        if is_active(record):
            raise job_problem("not-finished", "The job has not ended yet.", record)
        if "content_removed_ms" in record:
            raise content_removed(record)
        if record["status"] != Status.COMPLETED:
            detail = f"The job ended as {record['status']}; see its partial_result."
            raise job_problem("no-result", detail, record)
        if "result" not in record:
            raise DamagedRecord(f"job {record['id']}: result is missing")
        etag = {"ETag": job_etag(record)}
        response = Response(record["result"], headers=etag, media_type="application/json")
        return await forget_once_read(request, store, record, response)

    async def _waited(
        self,
        request: Request,
        store: JobStore,
        record: Record,
        selection: FieldSelection,
        wait_s: int,
    ) -> Record:
        """Returns the job after the client's wait: for a newer version than the one it has, or for
        the end if it has none. A version that it does not have is returned at once.
        """
        if matches_etag(request, job_etag(record, selection)):
            version = record["version"]
            waiting = self._prefer_wait.until_changed(request, store, record["id"], version, wait_s)
        elif known_etags(request):
            return record
        else:
            waiting = self._prefer_wait.until_finished(request, store, record["id"], wait_s)
        return await waiting or record

    def _idempotency_key(self, request: Request) -> str | None:
        key = idempotency_key(request.headers)
        if key is None and self._settings.idempotency == "required":
            raise Problem(
                "idempotency-key-required",
                "This server requires an Idempotency-Key. Send a UUID, and the same one with every "
                "retry of the request.",
                errors=[header("Idempotency-Key", "is required")],
                headers={"Link": f'<{client_path(KEY_PROBLEM)}>; rel="describedby"'},
            )
        return key

    async def _validated_job(self, request: Request) -> ValidatedJob:
        require_json(request)
        body = await read_body(request, self._settings.max_body_bytes)
        return parse_submission(
            body,
            self._settings.start_deadline_s,
            self._settings.providers,
            principal_of(request),
        )

    async def _submit(
        self, request: Request, job_id: str, job: ValidatedJob, slot: str | None
    ) -> Response:
        wait_s, store = requested_wait_s(request), self._stores.of(request)
        submitted = await self._creation.submit(
            store, job_id, job, slot, is_awaited=wait_s is not None
        )
        if submitted.outcome == "created":
            return await self._created_response(request, store, submitted, wait_s)
        if submitted.outcome == "existing" and submitted.record:
            record = await self._after_wait(request, store, submitted, wait_s)
            replayed = {"Idempotent-Replayed": "true"}
            response = job_response(record, reused=True, waited_s=wait_s, headers=replayed)
            return await forget_once_read(request, store, record, response)
        raise submit_problem(submitted)

    async def _created_response(
        self, request: Request, store: JobStore, submitted: SubmitOutcome, wait_s: int | None
    ) -> Response:
        if wait_s is None:
            return accepted_response(submitted.record)
        record = await self._after_wait(request, store, submitted, wait_s)
        headers = {"Location": client_path(f"/jobs/{submitted.job_id}")}
        if is_active(record):
            return job_response(record, 202, waited_s=wait_s, headers=headers)
        headers["Content-Location"] = headers["Location"]
        response = job_response(record, waited_s=wait_s, headers=headers)
        return await forget_once_read(request, store, record, response)

    async def _after_wait(
        self, request: Request, store: JobStore, submitted: SubmitOutcome, wait_s: int | None
    ) -> Record:
        if wait_s is None:
            return submitted.record
        record = await self._prefer_wait.until_finished(request, store, submitted.job_id, wait_s)
        return record or submitted.record
