"""`DELETE /users/{id}/data`: erases the content of a user."""

from dataclasses import asdict

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.audit import audit
from loresmith.api.http.params import Parameter
from loresmith.api.http.principals import principal_of
from loresmith.api.http.problems import Problem
from loresmith.api.http.query import Flag, StrictQueryModel
from loresmith.api.http.responses import JSONResponse
from loresmith.api.http.scopes import require_scope
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.services.erasure import ErasureService
from loresmith.api.services.job_store import JobStores
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.principal import Principal

log = get_logger(__name__)

USER_ID = Parameter("id", "path", "The id of the user", required=True)


class ErasureParams(StrictQueryModel):
    """How to erase."""

    cancel: Flag = Field(False, description="Cancel unfinished jobs first")


class UserHandlers:
    """Erases the data of users."""

    def __init__(self, stores: JobStores, erasure: ErasureService) -> None:
        self._stores = stores
        self._erasure = erasure

    @operation(
        "Erase a user's data",
        {
            200: ResponseSpec("Nothing of the user's content remains.", "ErasureResponse"),
            202: ResponseSpec("Some jobs remain: repeat the request.", "ErasureResponse"),
        },
        scope="jobs:write",
        problems=("validation-error", "not-finished", "temporary-reduced-capacity"),
        parameters=(USER_ID, *ErasureParams.parameters()),
    )
    async def erase(self, request: Request) -> Response:
        """Deletes the user's jobs, at most 500 per request, cached responses, worlds and events;
        what the jobs cost stays in budgets and usage. Users erase themselves, admins with the scope
        `cleanup` everybody. Repeat it until the answer is 200.
        """
        user_id: str = request.path_params["id"]
        _require_erasable(principal_of(request), user_id)
        params = ErasureParams.from_query(request.query_params)
        outcome = await self._erasure.erase(self._stores.of(request), user_id, cancel=params.cancel)
        counts = asdict(outcome)
        log.info("user data erased", count=outcome.jobs, remaining=outcome.remaining)
        await audit(request, "user.erase", f"user {user_id}", after=counts)
        return JSONResponse({"user_id": user_id, **counts}, 202 if outcome.remaining else 200)


def _require_erasable(principal: Principal, user_id: str) -> None:
    """Raises Problem unless the principal is the user, or an admin."""
    if principal.job_id is not None:
        raise Problem("forbidden", "A job token reaches one job only.")
    if user_id != principal.user_id:
        require_scope(principal, "cleanup")
