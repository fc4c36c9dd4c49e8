"""`/budgets`: limits on what may be spent, by scope and window."""

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.audit import audit
from loresmith.api.http.body import required_body
from loresmith.api.http.params import Parameter
from loresmith.api.http.principals import principal_of
from loresmith.api.http.problems import parameter, truncated, validation_error
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.requests import BudgetRequest
from loresmith.api.services.budgets import BudgetService
from loresmith.jobs.costs.budgets import EVERYTHING, SCOPES
from loresmith.jobs.types.registry import JOB_TYPES

MAX_ID_LENGTH = 200
SCOPE = Parameter(
    "scope", "path", "What the budget limits", {"type": "string", "enum": list(SCOPES)}, True
)
BUDGET_ID = Parameter(
    "id", "path", "The team, user, API key, job type or model; `all` for global", required=True
)
PROBLEMS = ("validation-error", "budget-not-found", "temporary-reduced-capacity")


class BudgetHandlers:
    """Lists, reads, sets and deletes budgets."""

    def __init__(self, budgets: BudgetService, max_body_bytes: int) -> None:
        self._budgets = budgets
        self._max_body_bytes = max_body_bytes

    @operation(
        "List budgets",
        {200: ResponseSpec("The budgets in their current windows.", "BudgetListResponse")},
        scope="usage",
        problems=("temporary-reduced-capacity",),
    )
    async def list(self, request: Request) -> Response:
        """Includes what is spent and reserved in the current window. An admin sees all budgets,
        others those that apply to their jobs.
        """
        return JSONResponse({"budgets": await self._budgets.all(principal_of(request))})

    @operation(
        "Read a budget",
        {200: ResponseSpec("The budget in its current window.", "BudgetResponse")},
        scope="usage",
        problems=PROBLEMS,
        parameters=(SCOPE, BUDGET_ID),
    )
    async def read(self, request: Request) -> Response:
        """`available` is the limit minus what is spent and reserved."""
        return JSONResponse(
            await self._budgets.read(principal_of(request), *_scope_and_id(request))
        )

    @operation(
        "Set a budget",
        {200: ResponseSpec("The budget with its new terms.", "BudgetResponse")},
        scope="budgets",
        problems=(
            "validation-error", "payload-too-large", "unsupported-media-type",
            "temporary-reduced-capacity",
        ),
        parameters=(SCOPE, BUDGET_ID),
        body="BudgetRequest",
        example={"limit": 10.0, "window": "month"},
    )  # fmt: skip
    async def put(self, request: Request) -> Response:
        """Applies to jobs created from now on. Jobs archived in the current window count as spent.
        Running jobs keep their reservations.
        """
        scope, id = _scope_and_id(request)
        terms = await required_body(request, BudgetRequest, self._max_body_bytes)
        before = await self._budgets.terms(scope, id)
        budget = await self._budgets.put(principal_of(request), scope, id, terms)
        after = {name: budget[name] for name in BudgetRequest.model_fields}
        await audit(request, "budget.put", f"budget {scope}:{id}", before, after)
        return JSONResponse(budget)

    @operation(
        "Delete a budget",
        {204: ResponseSpec("The budget no longer limits anything.")},
        scope="budgets",
        problems=PROBLEMS,
        parameters=(SCOPE, BUDGET_ID),
    )
    async def delete(self, request: Request) -> Response:
        """What it counted expires later, and counts again if the budget is set again."""
        scope, id = _scope_and_id(request)
        before = await self._budgets.terms(scope, id)
        await self._budgets.delete(scope, id)
        await audit(request, "budget.delete", f"budget {scope}:{id}", before)
        return Response(status_code=204)


def _scope_and_id(request: Request) -> tuple[str, str]:
    """Returns the scope and id of the path. Raises Problem."""
    scope: str = request.path_params["scope"]
    id: str = request.path_params.get("id", EVERYTHING if scope == "global" else "")
    if scope not in SCOPES:
        detail = f"must be one of {', '.join(SCOPES)}, not {truncated(scope)!r}"
        raise validation_error(parameter("scope", detail))
    if not 1 <= len(id) <= MAX_ID_LENGTH or not id.isprintable():
        raise validation_error(
            parameter("id", f"must have 1 to {MAX_ID_LENGTH} characters, all printable")
        )
    if scope == "global" and id != EVERYTHING:
        raise validation_error(parameter("id", f"must be {EVERYTHING} for the global scope"))
    if scope == "type" and id not in JOB_TYPES:
        raise validation_error(parameter("id", f"must be one of {', '.join(JOB_TYPES)}"))
    return scope, id
