"""Holds calls back while the provider refuses their model.

A refusal (429, 503, no connection) closes the model for all calls of this process, for as long as
the provider asks and with a backoff. Then one request goes first, and more with each that is
accepted. A 429 also teaches how many requests the provider serves at once.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from loresmith.jobs.core.backoff import Backoff
from loresmith.jobs.core.errors import ServiceUnavailable
from loresmith.jobs.core.status import Phase
from loresmith.lore_service.providers.errors import CallError, CallFailure, unavailable

FIRST_WINDOW = 8
"""Requests that may be unanswered at once at first; each one that is accepted adds one."""
ACCEPTED_AFTER_S = 1.0
"""A request that was not refused by then counts as accepted; its text may come much later."""
MIN_CLOSED_S, MAX_CLOSED_S = 0.5, 60.0
MIN_SERVED, MIN_OPEN_RATIO = 8, 4
"""After a refusal the next closing is longer, unless so many requests were served since the last
one, or the gate was open so many times as long as it had been closed: a model that few ask for, and
that refuses by chance, must not be closed for a minute."""
MAX_HOLD_S = 3.0
"""How long a call waits here; its job then waits without a thread."""
MAX_START_HOLD_S = 30.0
"""The same before the first refusal."""


class ModelGate:
    """The gate of one model."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._closed_until = self._asked_until = 0.0
        """The provider asks to wait until the second; the first has our backoff, too."""
        self._closed_at = 0.0
        self._refusal: CallFailure | None = None
        self._backoff = Backoff(MIN_CLOSED_S, MAX_CLOSED_S)
        self._closings = 0
        self._served = 0
        self._window = float(FIRST_WINDOW)
        self._limit = math.inf
        self._unanswered = self._in_flight = 0
        self._waiting: deque[asyncio.Future[Admission]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether a call may be sent at once."""
        return not self._waiting and self._has_room(self._clock())

    async def enter(self) -> "Admission":
        """Waits until a call may be sent; the caller must end the admission. Raises CallError."""
        if self.is_open:
            return self._admit()
        hold_s = MAX_HOLD_S if self._refusal else MAX_START_HOLD_S
        if self._closed_until - self._clock() > hold_s:
            raise CallError(self._timed_out())
        turn: asyncio.Future[Admission] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._let_in()
        try:
            await asyncio.wait([turn], timeout=hold_s)
        except asyncio.CancelledError:
            if turn.done():
                turn.result().end(None)
            raise
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)
        if not turn.done():
            raise CallError(self._timed_out())
        return turn.result()

    def accepted(self) -> None:
        """Notes that the provider has accepted a request."""
        self._unanswered -= 1
        self._served += 1
        self._window += 1 if self._refusal is None else 1 / self._window
        if self._limit < math.inf:
            self._limit = max(self._limit, self._in_flight - self._unanswered)
        self._let_in()

    def ended(self, refusal: CallFailure | None, *, was_accepted: bool, was_sent: bool) -> None:
        """Notes that a call has ended, or was refused."""
        self._in_flight -= 1
        self._unanswered -= not was_accepted
        if refusal:
            self._close(refusal)
        elif was_sent:
            self._limit += 1 / MIN_SERVED
        self._let_in()

    def _has_room(self, now: float) -> bool:
        return (
            now >= self._closed_until
            and self._unanswered + 1 <= self._window
            and self._in_flight + 1 <= self._limit
        )

    def _admit(self) -> "Admission":
        self._in_flight += 1
        self._unanswered += 1
        return Admission(self)

    def _close(self, refusal: CallFailure) -> None:
        """Closes the gate. Refusals of requests that were sent together count once."""
        now, retry_after_s = self._clock(), refusal.retry_after_ms / 1000
        if now >= self._closed_until:
            open_s, closed_s = now - self._closed_until, self._closed_until - self._closed_at
            self._closed_at = now
            if open_s > MAX_CLOSED_S:
                self._closings = 0
            is_serving = self._served >= MIN_SERVED or 0 < MIN_OPEN_RATIO * closed_s < open_s
            self._closings = max(0, self._closings + (-1 if is_serving else 1))
            retry_after_s = max(retry_after_s, self._backoff.delay_s(self._closings))
            self._served, self._window = 0, 1.0
            if refusal.waiting_phase == Phase.RATE_LIMITED:
                self._learn_limit()
        self._refusal = refusal
        self._asked_until = max(self._asked_until, now + refusal.retry_after_ms / 1000)
        self._closed_until = max(self._closed_until, now + retry_after_s)

    def _learn_limit(self) -> None:
        served_at_once = self._in_flight - self._unanswered
        if served_at_once:
            halved = self._limit / 2 if self._limit < math.inf else 0
            self._limit = max(served_at_once, halved)

    def _let_in(self) -> None:
        """Admits waiting calls, the longest waiting first, or sets a timer for the opening."""
        now = self._clock()  # read once: a gate that opens between two readings gets no timer
        while self._waiting and self._has_room(now):
            self._waiting.popleft().set_result(self._admit())
        closed_s = self._closed_until - now
        if self._waiting and closed_s > 0:
            if self._timer:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(closed_s, self._let_in)

    def _timed_out(self) -> CallFailure:
        # A job fails at once when the provider asks for more time than it has left. Our own
        # backoff is no reason to: the provider may be back before.
        remaining_ms = int(max(0.0, self._asked_until - self._clock()) * 1000)
        failure = self._refusal or unavailable("Too many calls start at once; nothing was bought.")
        return replace(failure, retry_after_ms=remaining_ms)


class Admission:
    """The right to send one call."""

    def __init__(self, gate: ModelGate) -> None:
        self._gate = gate
        self._accepted = False
        self._sent = False
        self._timer: asyncio.TimerHandle | None = None

    def sent(self) -> None:
        """Notes that the request leaves now."""
        self._sent = True
        self._timer = asyncio.get_running_loop().call_later(ACCEPTED_AFTER_S, self.accepted)

    def accepted(self) -> None:
        """Notes that the provider has accepted the request."""
        if not self._accepted:
            self._accepted = True
            self._gate.accepted()

    def end(self, failure: CallFailure | None) -> None:
        """Notes that the call has ended; `failure`: how, unless it succeeded or was not sent."""
        if self._timer:
            self._timer.cancel()
        refusal = failure if failure and _is_refusal(failure) else None
        self._gate.ended(refusal, was_accepted=self._accepted, was_sent=self._sent)


class ModelGates:
    """The gates of all models of this process."""

    def __init__(self) -> None:
        self._gates: dict[str, ModelGate] = {}

    def of(self, model: str) -> ModelGate:
        """Returns the gate of a model."""
        return self._gates.setdefault(model, ModelGate())


def _is_refusal(failure: CallFailure) -> bool:
    is_passing = failure.retryable and not failure.may_be_bought
    return failure.code == ServiceUnavailable.code and is_passing
