"""What a conversation with the server is made of. No input, no output: drivers do that.

A conversation (`Talk`) is a generator. It yields what it wants done, an Ask, a Pause or a Listen,
is sent what came of it (None for a stream that ended or cannot be had), and returns its value. So
the same code serves both clients, and a test that plays the network.
"""

import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias, TypeVar

from loresmith.errors import AnswerUnreadable, ProblemError
from loresmith.job import Job

T = TypeVar("T")
MANY_REQUESTS = 429
KEY = re.compile(r"[ -~]{8,255}")


@dataclass(frozen=True)
class Ask:
    """An HTTP request that shall be sent; `path` is relative to the server's URL."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Pause:
    """A wish to be woken after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Listen:
    """A wish for the next event of a stream, which stays open until something else is wished."""

    path: str
    silence_s: float
    """Seconds without a word after which it is given up."""


@dataclass(frozen=True)
class Heard:
    """An event of a stream; None for a mere sign of life."""

    data: Mapping[str, Any] | None


@dataclass(frozen=True)
class Reply:
    """An HTTP answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Lost:
    """No answer came; whether the server got the request is not known."""

    reason: str


Talk: TypeAlias = Generator[Ask | Pause | Listen, Reply | Lost | Heard | None, T]


def ask(method: str, path: str, body: Any = None, **headers: str) -> Ask:
    """A request with a JSON body, if any. `headers` are spelled with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is None:
        return Ask(method, path, named)
    content = json.dumps(body, allow_nan=False).encode()
    return Ask(method, path, named | {"content-type": "application/json"}, content)


def heard(line: str) -> Heard | None:
    """What a line of a stream says; None for one that says nothing by itself."""
    if line.startswith("data: "):
        try:
            told = json.loads(line.removeprefix("data: "))
        except ValueError:
            return None
        return Heard(told) if isinstance(told, dict) else None
    return Heard(None) if line.startswith(":") else None


def quoted(key: str) -> str:
    """An idempotency key as a header has it. Raises ValueError for what no header can carry."""
    if not KEY.fullmatch(key):
        raise ValueError("an idempotency key is 8 to 255 printable ASCII characters")
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def trouble(reply: Reply | Lost) -> str | None:
    """Why a request should be sent again, or None when it has its answer."""
    if isinstance(reply, Lost):
        return reply.reason
    if reply.status >= 500 or reply.status == MANY_REQUESTS:
        return str(problem(reply))
    return None


def retry_after(reply: Reply | Lost, now: float) -> float | None:
    """Seconds that the server asks to wait, in either form of the header (RFC 9110 10.2.3)."""
    given = "" if isinstance(reply, Lost) else reply.headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        return max(0.0, parsedate_to_datetime(given).timestamp() - now)
    except ValueError:
        return None


def content(reply: Reply) -> Any:
    """The JSON of a good answer. Raises ProblemError for a refusal, AnswerUnreadable for noise."""
    if reply.status >= 400:
        raise problem(reply)
    try:
        return json.loads(reply.body)
    except ValueError:
        raise AnswerUnreadable(
            f"the answer ({reply.status}) is not JSON; is this the URL of a Loresmith server?"
        ) from None


def problem(reply: Reply) -> ProblemError:
    """The refusal in an answer, whoever sent it: a proxy's page is a problem without a code."""
    try:
        members = json.loads(reply.body)
    except ValueError:
        members = None
    members = members if isinstance(members, dict) else {}
    shown = members.get("job")
    return ProblemError(reply.status, members, job=Job.read(shown) if shown else None)
