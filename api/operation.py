"""What a handler says of itself, beside its code; /openapi.json and /docs are made from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

HandlerT = TypeVar("HandlerT", bound=Callable[..., Any])

ALWAYS = ("forbidden-origin", "method-not-allowed", "wrong-host", "internal-error")
"""Problems that any route may answer with."""


@dataclass(frozen=True)
class Parameter:
    """A part of the path, the query or the headers."""

    name: str
    place: Literal["path", "query", "header"]
    description: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False


@dataclass(frozen=True)
class Answer:
    """An answer that is no problem."""

    description: str
    schema: str | None = None
    """The component it fits; None for an answer without a body, or one that is not JSON."""
    headers: tuple[str, ...] = ()
    media_type: str = "application/json"


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    summary: str
    description: str
    answers: dict[int, Answer]
    problems: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: str | None
    body_required: bool
    example: dict[str, Any] | None


def operation(
    summary: str,
    answers: dict[int, Answer],
    *,
    problems: tuple[str, ...] = (),
    parameters: tuple[Parameter, ...] = (),
    body: str | None = None,
    body_required: bool = True,
    example: dict[str, Any] | None = None,
) -> Callable[[HandlerT], HandlerT]:
    """Describes a handler; its docstring is the description, for the people who call it.

    `body` names a component schema, `example` is a body that works.
    """

    def describe(handler: HandlerT) -> HandlerT:
        told = " ".join((handler.__doc__ or "").split())
        handler.operation = Operation(  # type: ignore[attr-defined]
            summary, told, answers, (*problems, *ALWAYS), parameters, body, body_required, example
        )
        return handler

    return describe


def of(handler: Any) -> Operation:
    """What a handler says of itself. Raises AttributeError for one that says nothing."""
    described: Operation = handler.operation
    return described
