"""Path, query and header parameters: their description for OpenAPI, and their parsers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request

from loresmith.api.http.problems import truncated

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Parameter:
    """A parameter of the path, the query or the headers."""

    name: str
    location: Literal["path", "query", "header"]
    description: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False


def path_uuid(request: Request) -> str | None:
    """Returns the `id` of the path in lower case; None when it is not a UUID."""
    value: str = request.path_params["id"].lower()
    return value if UUID.fullmatch(value) else None


def not_one_of(allowed: Iterable[str], value: str) -> str:
    """Describes a value that is none of the allowed ones."""
    return f"must be one of {', '.join(allowed)}, not {truncated(value)!r}"
