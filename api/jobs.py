"""Creating jobs and looking at them."""

from starlette.requests import Request
from starlette.responses import Response

from api import views
from api.bodies import read, require_json
from api.budgets import exceeded
from api.dispatch import Bell
from api.idempotency import key_of, slot
from api.intake import submission
from api.operation import Answer, Parameter, operation
from api.problems import Problem, header, invalid, parameter
from api.quotes import Quotes
from api.shape import SHAPED, Shape
from api.store import Store, Submitted
from api.waiting import PREFER, WAIT, Waiting, wait_s
from jobs.config import Config
from jobs.crashpoints import crashpoint
from jobs.job import Record, Submission, is_active, new_id
from jobs.states import Status

ANYBODY = "anybody"
"""Whose jobs and keys they are, as long as nobody has to say who they are."""

JOB_ID = Parameter("id", "path", "The id of a job", {"type": "string", "format": "uuid"}, True)
KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Bare or in double quotes. The same key and the same body are the same job, as long as the job "
    "is kept. `X-Idempotency-Key` is another name of it.",
)
KNOWN = Parameter("If-None-Match", "header", "The ETag that the client has")
CREATED = ("Location", "Retry-After", "ETag")
BODY_PROBLEMS = (
    "validation-error",
    "conflicting-fields",
    "payload-too-large",
    "unsupported-media-type",
)
CREATE_PROBLEMS = (
    *BODY_PROBLEMS,
    "idempotency-key-required",
    "cost-cap-exceeded",
    "price-unknown",
    "cost-confirmation-required",
    "budget-exceeded",
    "job-deleted",
    "idempotency-key-reused",
    "temporary-reduced-capacity",
)
CREATE_ANSWERS = {
    202: Answer("The job is on disk and will be run.", "Job", CREATED),
    200: Answer(
        "The job that this request made before, as it is now; `reused` is true. Or, with "
        "`Prefer: wait`, the job that it made, and that has ended in time.",
        "Job",
        ("Idempotent-Replayed", "ETag", "Retry-After"),
    ),
}
EXAMPLE = {"type": "generate_characters", "payload": {"theme": "fantasy", "count": 3}}


class Jobs:
    """The routes that create and read."""

    def __init__(
        self, store: Store, bell: Bell, config: Config, waiting: Waiting, quotes: Quotes
    ) -> None:
        self._store = store
        self._waiting = waiting
        self._bell = bell
        self._config = config
        self._quotes = quotes

    @operation(
        "Create a job",
        CREATE_ANSWERS,
        problems=CREATE_PROBLEMS,
        parameters=(KEY, PREFER, WAIT),
        body="NewJob",
        example=EXAMPLE,
    )
    async def create(self, request: Request) -> Response:
        """Stores the job and answers at once; it runs in the background. Poll its Location. With an
        Idempotency-Key a lost answer costs nothing: send the same again. A rejected request does
        not use up its key.
        """
        key = self._key(request)
        place = slot(ANYBODY, "POST /jobs", key) if key else None
        return await self._submit(request, new_id(), await self._wanted(request), place)

    @operation(
        "Create a job under an id of the client's own",
        CREATE_ANSWERS,
        problems=CREATE_PROBLEMS,
        parameters=(JOB_ID, PREFER, WAIT),
        body="NewJob",
        example=EXAMPLE,
    )
    async def put(self, request: Request) -> Response:
        """Like POST /jobs, but the id is the key: a client that mints a UUID and writes it down
        before it asks can always find its job again.
        """
        if key_of(request.headers):
            raise Problem(
                "conflicting-fields",
                "The id in the path is the key of this request; send no Idempotency-Key.",
                errors=[header("Idempotency-Key", "is not taken beside an id")],
            )
        job_id = _own_id(request)
        place = slot(ANYBODY, "PUT /jobs", job_id)
        return await self._submit(request, job_id, await self._wanted(request), place)

    @operation(
        "Look at a job",
        {
            200: Answer("The job.", "Job", ("ETag", "Retry-After")),
            304: Answer("The client has this version already.", headers=("ETag",)),
        },
        problems=("job-not-found", "temporary-reduced-capacity"),
        parameters=(JOB_ID, KNOWN, PREFER, WAIT, *SHAPED),
    )
    async def read(self, request: Request) -> Response:
        """`Retry-After` says when it is worth to look again, and is absent once the job has ended.
        A job is kept for 24 hours after its end.
        """
        job_id, shape, seconds = views.job_id(request), Shape.asked(request.query_params), None
        record = await found(self._store, job_id)
        if seconds := wait_s(request):
            known = record["version"] if views.unchanged(request, record, shape) else None
            if known or not views.known_tags(request):
                record = await self._waiting.for_news(job_id, known, seconds) or record
        if views.unchanged(request, record, shape):
            return Response(status_code=304, headers={"ETag": views.etag(record, shape)})
        if is_active(record) and not record["owner"]:
            record = await self._store.waiting(record)
        if is_active(record) and "partial" in shape.more:
            record = await self._store.with_partial(record)
        return views.job(record, shape=shape, waited=seconds)

    @operation(
        "The result alone",
        {200: Answer("What the job made; `GET /job-types` has its schema.", "Result", ("ETag",))},
        problems=("job-not-found", "not-finished", "no-result", "temporary-reduced-capacity"),
        parameters=(JOB_ID,),
    )
    async def result(self, request: Request) -> Response:
        """The JSON that stands in the `result` of the job."""
        record = await found(self._store, views.job_id(request))
        if is_active(record):
            raise views.with_job("not-finished", "The job has not ended yet.", record)
        if record["status"] != Status.COMPLETED:
            detail = f"The job ended {record['status']}; partial_result holds what there is."
            raise views.with_job("no-result", detail, record)
        etag = {"ETag": views.etag(record)}
        return Response(record["result"], headers=etag, media_type="application/json")

    def _key(self, request: Request) -> str | None:
        key = key_of(request.headers)
        if key is None and self._config.idempotency == "required":
            raise Problem(
                "idempotency-key-required",
                "This server takes no job without an Idempotency-Key: make a UUID for what you "
                "want, and send the same one whenever you ask for it again.",
                errors=[header("Idempotency-Key", "is required")],
                headers={"Link": '</problems/idempotency-key-required>; rel="describedby"'},
            )
        return key

    async def _wanted(self, request: Request) -> Submission:
        require_json(request)
        body = await read(request, self._config.max_body)
        return submission(body, self._config.start_within_s, self._config.model)

    async def _submit(
        self, request: Request, job_id: str, wanted: Submission, place: str | None
    ) -> Response:
        seconds = wait_s(request)
        price, problem = await self._quotes.price(wanted)
        if problem and not (place and await self._store.of_slot(place)):
            raise problem  # a replay is answered with its job, whatever that costs today
        made = await self._store.submit(job_id, wanted, price, place)
        if made.outcome == "created":
            crashpoint("A3")
            self._bell.ring(made.job_id, attempt=1)
            return await self._made(made, seconds)
        if made.outcome == "existing" and made.record:
            record = await self._waited(made, seconds)
            return views.job(record, reused=True, waited=seconds, Idempotent_Replayed="true")
        raise _refused(made)

    async def _made(self, made: Submitted, seconds: int | None) -> Response:
        if seconds is None:
            return views.accepted(made.record)
        record = await self._waited(made, seconds)
        here = f"/jobs/{made.job_id}"
        if is_active(record):
            return views.job(record, 202, waited=seconds, Location=here)
        return views.job(record, waited=seconds, Location=here, Content_Location=here)

    async def _waited(self, made: Submitted, seconds: int | None) -> Record:
        """The job after the wait that was asked for."""
        if seconds is None:
            return made.record
        return await self._waiting.for_end(made.job_id, seconds) or made.record


async def found(store: Store, job_id: str) -> Record:
    """The record. Raises Problem when there is none."""
    record = await store.read(job_id)
    if record is None:
        raise views.missing(job_id)
    return record


def _own_id(request: Request) -> str:
    given: str = request.path_params["id"]
    if not views.UUID.fullmatch(given.lower()):
        raise invalid(parameter("id", "must be a UUID, for example from crypto.randomUUID()"))
    return given.lower()


def _refused(made: Submitted) -> Problem:
    if made.refusal:
        return exceeded(made.refusal)
    if made.outcome == "mismatch":
        return Problem(
            "idempotency-key-reused",
            "This key or id belongs to a job that was asked for with another body.",
            job_id=made.job_id,
        )
    return Problem(
        "job-deleted",
        "The job of this key was deleted; the key buys nothing more.",
        job_id=made.job_id,
    )
