"""Sends a request until the server responds, with backoff."""

import random as random_module
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from loresmith.client.errors import AnswerUnreadable, LoresmithError, ServerUnreachable
from loresmith.client.models import Job
from loresmith.client.protocol import (
    Exchange,
    HttpRequest,
    HttpResponse,
    NoResponse,
    Pause,
    json_body,
    parse,
    retry_after,
    retry_reason,
    to_problem,
)

BACKOFF_S: Final = 1.0
MAX_BACKOFF_S: Final = 30.0


@dataclass(frozen=True)
class Trouble:
    """The server does not respond; the request will be sent again."""

    reason: str
    since_s: float
    """Seconds since the first try."""
    next_try_s: float


@dataclass(frozen=True)
class Sender:
    """Sends requests, again after network errors, 5xx and 429: after `Retry-After`, else after
    random, growing intervals. Every request may safely arrive twice.
    """

    retry_timeout_s: float = 30.0
    on_trouble: Callable[[Trouble | None], None] = lambda trouble: None
    """Called before each retry, and with None when the server responds again."""
    poll_interval_s: float | None = None
    """Seconds between two polls of a job; None leaves it to the server."""
    streams: bool = False
    """Whether waiting follows the job's event stream and polls only without one."""
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    random: Callable[[], float] = random_module.random

    def send(self, request: HttpRequest, until: float | None = None) -> Exchange[HttpResponse]:
        """Returns the response. At `until` raises ServerUnreachable or ProblemError."""
        began = self.clock()
        until = began + self.retry_timeout_s if until is None else until
        tries = 0
        while True:
            response = yield request
            if not isinstance(response, HttpResponse | NoResponse):
                raise TypeError(f"a request needs a response, not {response!r}")
            reason = retry_reason(response)
            if reason is None and isinstance(response, HttpResponse):
                if tries:
                    self.on_trouble(None)
                return replace(response, resent=tries > 0)
            delay = self._delay(response, tries, until - self.clock())
            if delay is None:
                raise _last_error(response)
            self.on_trouble(Trouble(reason or "", self.clock() - began, delay))
            yield Pause(delay)
            tries += 1

    def json(self, request: HttpRequest) -> Exchange[Any]:
        """Sends a request and parses the body of its response."""
        return json_body((yield from self.send(request)))

    def json_object(self, request: HttpRequest) -> Exchange[dict[str, Any]]:
        """Sends a request whose response is a JSON object."""
        body = yield from self.json(request)
        if not isinstance(body, dict):
            raise AnswerUnreadable("the response is not a JSON object")
        return body

    def job(self, request: HttpRequest) -> Exchange[Job]:
        """Sends a request whose response is a job."""
        return parse(Job, (yield from self.json(request)))

    def delete(self, path: str) -> Exchange[None]:
        """Deletes a resource. It may be gone already, by a request whose response was lost."""
        response = yield from self.send(HttpRequest("DELETE", path))
        if response.status == 404 and response.resent:
            return
        if response.status >= 400:
            raise to_problem(response)

    def _delay(self, response: HttpResponse | NoResponse, tries: int, left: float) -> float | None:
        """Returns seconds until the next try; None when no time is left for one."""
        advised = retry_after(response, self.now())
        if left <= 0 or (advised is not None and advised > left):
            return None
        if advised is not None:
            return advised
        ceiling = min(MAX_BACKOFF_S, BACKOFF_S * 2.0 ** min(tries, 10))
        return min(left, self.random() * ceiling)


def _last_error(response: HttpResponse | NoResponse) -> LoresmithError:
    if isinstance(response, NoResponse):
        return ServerUnreachable(response.reason)
    return to_problem(response)
