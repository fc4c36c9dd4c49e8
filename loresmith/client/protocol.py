"""The messages between an operation and the client that does its input and output.

An operation is a generator (`Exchange`). It yields an HttpRequest, a Pause or a ReadEvent, is sent
the outcome (None after a pause and at the end of a stream), and returns its value. So the same
operations serve both clients, and tests without a network.
"""

import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias, TypeVar

from loresmith.client.errors import AnswerUnreadable, ProblemError
from loresmith.client.models import Job, JobTypeInfo

T = TypeVar("T")
Model = TypeVar("Model", Job, JobTypeInfo)
TOO_MANY_REQUESTS: Final = 429
KEY: Final = re.compile(r"[ -~]{8,255}")


@dataclass(frozen=True)
class HttpRequest:
    """A request to send; `path` is relative to the server's URL."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Pause:
    """Waits."""

    seconds: float


@dataclass(frozen=True)
class ReadEvent:
    """Reads the next event of a stream, which stays open until another kind of action."""

    path: str
    silence_timeout_s: float


@dataclass(frozen=True)
class HttpResponse:
    """A response. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    resent: bool = False
    """Whether the request was sent more than once."""


@dataclass(frozen=True)
class NoResponse:
    """The request failed on the network; the server may have received it."""

    reason: str


@dataclass(frozen=True)
class StreamEvent:
    """An event of a stream; `data` is None for a heartbeat."""

    data: Mapping[str, Any] | None


Outcome: TypeAlias = HttpResponse | NoResponse | StreamEvent | None
Exchange: TypeAlias = Generator[HttpRequest | Pause | ReadEvent, Outcome, T]


def request(
    method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> HttpRequest:
    """Builds a request; a body other than None is sent as JSON."""
    if body is None:
        return HttpRequest(method, path, headers or {})
    headers = {**(headers or {}), "content-type": "application/json"}
    return HttpRequest(method, path, headers, json.dumps(body, allow_nan=False).encode())


def parse_event(line: str) -> StreamEvent | None:
    """Parses a line of an event stream; None for a line without data or comment."""
    if line.startswith(":"):
        return StreamEvent(None)
    if not line.startswith("data: "):
        return None
    try:
        data = json.loads(line.removeprefix("data: "))
    except ValueError:
        return None
    return StreamEvent(data) if isinstance(data, dict) else None


def key_header(key: str) -> str:
    """Quotes an idempotency key for its header. Raises ValueError."""
    if not KEY.fullmatch(key):
        raise ValueError("an idempotency key is 8 to 255 printable ASCII characters")
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def retry_reason(response: HttpResponse | NoResponse) -> str | None:
    """Says why the request should be sent again; None when it should not."""
    if isinstance(response, NoResponse):
        return response.reason
    if response.status >= 500 or response.status == TOO_MANY_REQUESTS:
        return str(to_problem(response))
    return None


def retry_after(response: HttpResponse | NoResponse, now: float) -> float | None:
    """Parses Retry-After, as seconds or as a date (RFC 9110 10.2.3), into seconds from now."""
    if isinstance(response, NoResponse):
        return None
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except ValueError:
        return None


def json_body(response: HttpResponse) -> Any:
    """Parses the body of a success. Raises ProblemError and AnswerUnreadable."""
    if response.status >= 400:
        raise to_problem(response)
    try:
        return json.loads(response.body)
    except ValueError:
        raise AnswerUnreadable(
            f"the response ({response.status}) is not JSON; is this the URL of a Loresmith server?"
        ) from None


def to_problem(response: HttpResponse) -> ProblemError:
    """Converts an error response, also one of a proxy, whose body is no problem document."""
    try:
        members = json.loads(response.body)
    except ValueError:
        members = None
    members = members if isinstance(members, dict) else {}
    job = members.get("job")
    return ProblemError(response.status, members, job=parse(Job, job) if job else None)


def parse(model: type[Model], body: Any) -> Model:
    """Reads a model from a JSON value. Raises AnswerUnreadable."""
    try:
        return model.from_json(body)
    except (TypeError, ValueError) as error:
        raise AnswerUnreadable(f"the server sent an invalid {model.__name__}: {error}") from None
