"""How long, and how, a request is sent again until somebody answers it."""

import random as chance
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from loresmith.errors import LoresmithError, ServerUnreachable
from loresmith.wire import Ask, Lost, Pause, Reply, Talk, problem, retry_after, trouble

BACKOFF_S: Final = 1.0
LONGEST_BACKOFF_S: Final = 30.0


@dataclass(frozen=True)
class Trouble:
    """The server does not answer now; the request will be sent again."""

    reason: str
    since_s: float
    """For how long it has been so."""
    next_try_s: float


@dataclass(frozen=True)
class Answered:
    """An answer, and whether the request had to be sent more than once for it."""

    reply: Reply
    resent: bool


def _nobody(trouble: Trouble | None) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Patience:
    """Sends requests again after lost answers, 5xx and 429: at growing random intervals, or when
    the server says. Only for requests that may arrive twice; all of ours may.
    """

    patience_s: float = 30.0
    """Seconds for which a request without an answer is sent again."""
    on_trouble: Callable[[Trouble | None], None] = _nobody
    """Told when a request must be sent again, and with None when the server answers again."""
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    random: Callable[[], float] = chance.random

    def answered(self, request: Ask, until: float | None = None) -> Talk[Answered]:
        """Sends until somebody answers. At `until` raises what stood in the way last."""
        began = self.clock()
        until = began + self.patience_s if until is None else until
        tries = 0
        while True:
            reply = yield request
            if not isinstance(reply, Reply | Lost):
                raise TypeError(f"a driver must answer an Ask, not send {reply!r}")
            reason = trouble(reply)
            if reason is None and isinstance(reply, Reply):
                if tries:
                    self.on_trouble(None)
                return Answered(reply, resent=tries > 0)
            delay = self._delay(reply, tries, until - self.clock())
            if delay is None:
                raise _given_up(reply)
            self.on_trouble(Trouble(reason or "", self.clock() - began, delay))
            yield Pause(delay)
            tries += 1

    def _delay(self, reply: Reply | Lost, tries: int, left: float) -> float | None:
        """Seconds until the request is sent again; None when there is no time left for that."""
        asked = retry_after(reply, self.now())
        if left <= 0 or (asked is not None and asked > left):
            return None
        if asked is not None:
            return asked
        ceiling = min(LONGEST_BACKOFF_S, BACKOFF_S * 2.0 ** min(tries, 10))
        return min(left, self.random() * ceiling)


def _given_up(reply: Reply | Lost) -> LoresmithError:
    return ServerUnreachable(reply.reason) if isinstance(reply, Lost) else problem(reply)
