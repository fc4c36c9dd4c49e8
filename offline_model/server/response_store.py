"""Stores responses of the Responses interface, so that clients can read and stream them again.

No work runs in the background. The text is known from the start, so the progress of a response
follows from the clock, and each event of its stream from its number.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from loresmith.offline_model.server.billing import CANCELLED, DELIVERED
from loresmith.offline_model.server.errors import ApiError
from loresmith.offline_model.server.request_handler import AcceptedRequest, RequestHandler

MAX_RESPONSES = 10_000
OPENING_EVENTS = CLOSING_EVENTS = 4
"""Events before the first chunk of text and after the last."""
ROUNDING_CHUNKS = 1e-6
"""Compensates floating-point errors when a chunk is due exactly now."""


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class StoredResponse:
    """One response and its progress."""

    id: str
    accepted: AcceptedRequest
    created_at: float = field(default_factory=time.time)
    started: float = field(default_factory=_now)
    """The event loop's time at the start."""
    cancelled_at: int | None = None
    """The chunks that were written before the cancellation; None if there was none."""
    looks: int = 0
    """How often it was retrieved without its events."""
    billing_timer: asyncio.TimerHandle | None = None
    """Bills the response at its end; None if it is billed or hangs."""

    @property
    def chunks_written(self) -> int:
        if self.cancelled_at is not None:
            return self.cancelled_at
        if self.accepted.hangs:
            return 0
        total, pause_s = len(self.accepted.chunks), self.accepted.pause_s
        if not pause_s:
            return total
        return min(total, int((_now() - self.started) / pause_s + ROUNDING_CHUNKS))

    @property
    def text(self) -> str:
        """The text that is written so far."""
        return "".join(self.accepted.chunks[: self.chunks_written])

    @property
    def status(self) -> str:
        if self.cancelled_at is not None:
            return "cancelled"
        if self.accepted.hangs or self.chunks_written < len(self.accepted.chunks):
            return "in_progress"
        return self.final_status

    @property
    def final_status(self) -> str:
        """The status at the end, unless the response is cancelled."""
        return "completed" if self.accepted.completion.finish_reason == "stop" else "incomplete"

    @property
    def event_count(self) -> int:
        return OPENING_EVENTS + len(self.accepted.chunks) + CLOSING_EVENTS

    def seconds_until(self, event_number: int) -> float | None:
        """Returns the seconds until an event is due; None means never."""
        chunks = max(0, min(event_number - OPENING_EVENTS + 1, len(self.accepted.chunks)))
        if self.accepted.hangs and event_number >= OPENING_EVENTS:
            return None
        return max(0.0, self.started + self.accepted.pause_s * chunks - _now())


class ResponseStore:
    """The latest responses, by id."""

    def __init__(self, handler: RequestHandler) -> None:
        self._handler = handler
        self._responses: OrderedDict[str, StoredResponse] = OrderedDict()

    def start(self, accepted: AcceptedRequest) -> StoredResponse:
        """Stores a response under an id made from its request and the number of repetitions."""
        digest, number = accepted.completion.digest[:28], 0
        while (response_id := f"resp_{digest}{number:04x}") in self._responses:
            number += 1
        response = self._responses[response_id] = StoredResponse(response_id, accepted)
        while len(self._responses) > MAX_RESPONSES:
            _, oldest = self._responses.popitem(last=False)
            self.cancel(oldest)
        if not accepted.hangs:
            duration_s = accepted.pause_s * len(accepted.chunks)
            loop = asyncio.get_running_loop()
            response.billing_timer = loop.call_later(duration_s, self._finish, response, DELIVERED)
        return response

    def get(self, response_id: str) -> StoredResponse:
        """Raises ApiError for an unknown id."""
        try:
            return self._responses[response_id]
        except KeyError:
            raise ApiError("No such response", 404, "not_found") from None

    def cancel(self, response: StoredResponse, outcome: str = CANCELLED) -> None:
        """Cancels and bills a response in progress; a complete one stays complete."""
        if response.status == "in_progress":
            response.cancelled_at = response.chunks_written
            if response.billing_timer:
                response.billing_timer.cancel()
            self._finish(response, outcome)

    def _finish(self, response: StoredResponse, outcome: str) -> None:
        response.billing_timer = None
        self._handler.finish(response.accepted, response.text, outcome)
