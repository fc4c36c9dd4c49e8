"""`POST /jobs/{id}/token`: a credential for one job, to give to a browser."""

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.auth.job_tokens import JobTokenStore
from loresmith.api.handlers.job_responses import job_id_of, load_job
from loresmith.api.http.body import optional_body
from loresmith.api.http.principals import principal_of
from loresmith.api.http.problems import Problem
from loresmith.api.http.responses import JSONResponse
from loresmith.api.http.scopes import require_scope
from loresmith.api.openapi.fragments import BODY_PROBLEMS, JOB_ID
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.job_token import JobTokenRequest
from loresmith.api.schemas.representation import timestamp
from loresmith.api.services.job_store import JobStores
from loresmith.jobs.core.logs import get_logger

log = get_logger(__name__)


class JobTokenHandlers:
    """Makes job tokens."""

    def __init__(self, stores: JobStores, tokens: JobTokenStore, max_body_bytes: int) -> None:
        self._stores = stores
        self._tokens = tokens
        self._max_body_bytes = max_body_bytes

    @operation(
        "Make a job token",
        {201: ResponseSpec("The token.", "JobTokenResponse")},
        scope="jobs:read",
        problems=(*BODY_PROBLEMS, "job-not-found", "temporary-reduced-capacity"),
        parameters=(JOB_ID,),
        body="JobTokenRequest",
        body_required=False,
        example={"actions": ["read", "cancel"], "expires_in": "10m"},
    )
    async def create(self, request: Request) -> Response:
        """Lets whom you give it to read this one job, its result and its events, and cancel it if
        `actions` says so. It ends after `expires_in`, and at once with the API key of its maker.
        """
        job_id, principal = job_id_of(request), principal_of(request)
        terms = await optional_body(request, JobTokenRequest, self._max_body_bytes)
        record = await load_job(self._stores.of(request), job_id)
        if "cancel" in terms.actions:
            require_scope(principal, "jobs:write")
            if not principal.owns(record):
                raise Problem("forbidden", "You can only read this job, so a token of yours too.")
        actions = sorted(set(terms.actions), reverse=True)
        text, token = await self._tokens.create(job_id, actions, terms.expires_in, principal)
        log.info("job token created", job_id=job_id, principal=principal.id)
        body = {"token": text, "job_id": job_id, "actions": token.actions}
        return JSONResponse(body | {"expires_at": timestamp(str(token.ends_ms))}, 201)
