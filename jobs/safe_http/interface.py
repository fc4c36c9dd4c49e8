"""What a caller of the client sees, without the library that sends."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

MAX_RESPONSE_BYTES = 10_000_000
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class HttpResult:
    """A whole response."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    content: bytes
    url: str
    """Where it came from, after redirects."""

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as UTF-8; bytes that do not fit are replaced."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """Parses the body. Raises ValueError."""
        return json.loads(self.content)


class HttpClient(Protocol):
    """Sends requests to public addresses, and to those that the operator allows."""

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        follow_redirects: bool = False,
        timeout_s: float = TIMEOUT_S,
        max_bytes: int = MAX_RESPONSE_BYTES,
    ) -> HttpResult:
        """Sends a request, and returns its response whatever its status is.

        `timeout_s` is the time for all of it, redirects included; each of them is judged again.
        """

    def get(self, url: str, **options: Any) -> HttpResult:
        """Sends a GET; the options are those of `request`."""

    def post(self, url: str, **options: Any) -> HttpResult:
        """Sends a POST; the options are those of `request`."""
