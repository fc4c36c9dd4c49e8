"""The decorator that describes a handler; /openapi.json and /docs are made from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from loresmith.api.http.params import Parameter
from loresmith.api.http.scopes import PUBLIC, ScopeName

HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])

COMMON_PROBLEMS = (
    "validation-error",
    "forbidden-origin",
    "method-not-allowed",
    "wrong-host",
    "internal-error",
)
"""Problems that every route may respond with."""
STORE_PROBLEMS = ("damaged-record",)
"""Problems of every route that reads Redis."""
ACCESS_PROBLEMS = ("unauthorized", "forbidden", "rate-limited", "temporary-reduced-capacity")
"""Problems of every route that is not public."""


@dataclass(frozen=True)
class ResponseSpec:
    """A success response."""

    description: str
    schema: str | None = None
    """The name of the component schema; None without a body, or for a body that is not JSON."""
    headers: tuple[str, ...] = ()
    media_type: str = "application/json"


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    summary: str
    description: str
    scope: ScopeName
    responses: dict[int, ResponseSpec]
    problems: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: str | None
    body_required: bool
    example: dict[str, Any] | None
    job_token: bool
    """Whether a job token may use the route, for its own job."""


def operation(
    summary: str,
    responses: dict[int, ResponseSpec],
    *,
    scope: ScopeName,
    problems: tuple[str, ...] = (),
    parameters: tuple[Parameter, ...] = (),
    body: str | None = None,
    body_required: bool = True,
    example: dict[str, Any] | None = None,
    job_token: bool = False,
) -> Callable[[HandlerT], HandlerT]:
    """Describes a handler. The handler's docstring is the description that clients read.

    `scope` is what a credential needs; `body` names a component schema; `example` is a valid body.
    `job_token`: a job token may use the route, for its own job.
    """

    access = () if scope == PUBLIC else ACCESS_PROBLEMS
    stored = STORE_PROBLEMS if "temporary-reduced-capacity" in problems else ()

    def describe(handler: HandlerT) -> HandlerT:
        description = " ".join((handler.__doc__ or "").split())
        handler.operation = Operation(  # type: ignore[attr-defined]
            summary,
            description,
            scope,
            responses,
            (*problems, *stored, *access, *COMMON_PROBLEMS),
            parameters,
            body,
            body_required,
            example,
            job_token,
        )
        return handler

    return describe


def operation_of(handler: Any) -> Operation:
    """Returns the description of a handler. Raises AttributeError without one."""
    described: Operation = handler.operation
    return described
