"""`/limits`: the rate limits of pools, and the shares of owners."""

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.audit import audit
from loresmith.api.http.body import required_body
from loresmith.api.http.params import Parameter, not_one_of
from loresmith.api.http.problems import parameter, validation_error
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.fragments import BODY_PROBLEMS
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.limits import OwnerLimitsRequest, PoolLimitsRequest
from loresmith.api.services.limits import LimitService

MAX_NAME_LENGTH = 400
OWNER_SCOPES = ("team", "user")
POOL = Parameter("pool", "path", "Provider and model: `openai/gpt-5-mini`", required=True)
SCOPE = Parameter("scope", "path", "Team or user", {"type": "string", "enum": list(OWNER_SCOPES)},
                  required=True)  # fmt: skip
OWNER_ID = Parameter("id", "path", "The team or user", required=True)
PROBLEMS = ("validation-error", "temporary-reduced-capacity")
READ_PROBLEMS = (*PROBLEMS, "limits-not-found")
PUT_PROBLEMS = (*BODY_PROBLEMS, "temporary-reduced-capacity")


class LimitHandlers:
    """Lists, reads, sets and removes limits."""

    def __init__(self, limits: LimitService, max_body_bytes: int) -> None:
        self._limits = limits
        self._max_body_bytes = max_body_bytes

    @operation(
        "List limits",
        {200: ResponseSpec("Pools and owners.", "LimitsResponse")},
        scope="queue",
        problems=("temporary-reduced-capacity",),
    )
    async def list(self, request: Request) -> Response:
        """Lists at most 1,000 pools."""
        pools, owners = await self._limits.pools(), await self._limits.owners()
        return JSONResponse({"pools": pools, "owners": owners})

    @operation(
        "Read the limits of a pool",
        {200: ResponseSpec("The pool.", "PoolResponse")},
        scope="queue",
        problems=READ_PROBLEMS,
        parameters=(POOL,),
    )
    async def read_pool(self, request: Request) -> Response:
        """A pool is known once it was used or has limits."""
        return JSONResponse(await self._limits.pool(_pool(request)))

    @operation(
        "Set the limits of a pool",
        {200: ResponseSpec("The pool with its new limits.", "PoolResponse")},
        scope="queue",
        problems=PUT_PROBLEMS,
        parameters=(POOL,),
        body="PoolLimitsRequest",
        example={"requests_per_minute": 600, "tokens_per_minute": 200_000, "concurrency": 20},
    )
    async def put_pool(self, request: Request) -> Response:
        """Applies to the next model call in every process. A limit that is set precedes that of
        the providers file, which precedes one that was learnt.
        """
        name = _pool(request)
        limits = await required_body(request, PoolLimitsRequest, self._max_body_bytes)
        before = [pool["set"] for pool in await self._limits.pools(name)] or [None]
        pool = await self._limits.set_pool(name, limits)
        await audit(request, "limits.put", f"pool {name}", before[0], pool["set"])
        return JSONResponse(pool)

    @operation(
        "Remove the limits of a pool",
        {204: ResponseSpec("No limit is set.")},
        scope="queue",
        problems=READ_PROBLEMS,
        parameters=(POOL,),
    )
    async def delete_pool(self, request: Request) -> Response:
        """Those of the providers file, or what was learnt, count again."""
        name = _pool(request)
        before = await self._limits.pool(name)
        await self._limits.set_pool(name, PoolLimitsRequest())
        await audit(request, "limits.delete", f"pool {name}", before["set"])
        return Response(status_code=204)

    @operation(
        "Read the limits of an owner",
        {200: ResponseSpec("The owner.", "OwnerLimitsResponse")},
        scope="queue",
        problems=READ_PROBLEMS,
        parameters=(SCOPE, OWNER_ID),
    )
    async def read_owner(self, request: Request) -> Response:
        """The owner of a job is its team, else its user."""
        return JSONResponse(await self._limits.owner(_owner(request)))

    @operation(
        "Set the limits of an owner",
        {200: ResponseSpec("The owner with its new limits.", "OwnerLimitsResponse")},
        scope="queue",
        problems=PUT_PROBLEMS,
        parameters=(SCOPE, OWNER_ID),
        body="OwnerLimitsRequest",
        example={"weight": 2.0, "concurrency": 5},
    )
    async def put_owner(self, request: Request) -> Response:
        """An owner of weight 2 gets twice the tokens of one of weight 1 while both have jobs
        waiting. Running jobs go on when `concurrency` is lowered.
        """
        name = _owner(request)
        limits = await required_body(request, OwnerLimitsRequest, self._max_body_bytes)
        before = await self._limits.owner_terms(name)
        owner = await self._limits.set_owner(name, limits)
        after = {field: owner[field] for field in OwnerLimitsRequest.model_fields}
        await audit(request, "limits.put", f"owner {name}", before, after)
        return JSONResponse(owner)

    @operation(
        "Remove the limits of an owner",
        {204: ResponseSpec("Its weight is 1, and its jobs are not limited.")},
        scope="queue",
        problems=READ_PROBLEMS,
        parameters=(SCOPE, OWNER_ID),
    )
    async def delete_owner(self, request: Request) -> Response:
        """It then shares the workers like every other owner."""
        name = _owner(request)
        await self._limits.owner(name)
        before = await self._limits.owner_terms(name)
        await self._limits.set_owner(name, None)
        await audit(request, "limits.delete", f"owner {name}", before)
        return Response(status_code=204)


def _pool(request: Request) -> str:
    """Returns the pool of the path. Raises Problem."""
    return printable_name("pool", request.path_params["pool"])


def _owner(request: Request) -> str:
    """Returns the name of the owner of the path. Raises Problem."""
    scope = request.path_params["scope"]
    if scope not in OWNER_SCOPES:
        raise validation_error(parameter("scope", not_one_of(OWNER_SCOPES, scope)))
    return f"{scope}:{printable_name('id', request.path_params['id'])}"


def printable_name(field: str, name: str) -> str:
    """Returns a name of the path. Raises Problem for one that nothing can have."""
    if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        detail = f"must have 1 to {MAX_NAME_LENGTH} printable characters"
        raise validation_error(parameter(field, detail))
    return name
