"""Stores responses of the Responses interface, so that clients can read and stream them again.

No work runs in the background. The text is known from the start, so the progress of a response
follows from the clock, and each event of its stream from its number.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from loresmith.offline_model.server.billing import CANCELLED, DELIVERED
from loresmith.offline_model.server.errors import ApiError, InvalidParameter
from loresmith.offline_model.server.request.conversation import EarlierCall, PromptMessage
from loresmith.offline_model.server.request_handler import AcceptedRequest, RequestHandler
from loresmith.offline_model.server.responses.output import OutputItem, output_items

MAX_RESPONSES = 10_000
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
    items: tuple[OutputItem, ...] = ()
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
        is_complete = self.accepted.completion.finish_reason in ("stop", "tool_calls")
        return "completed" if is_complete else "incomplete"

    @property
    def event_count(self) -> int:
        return self.items[-1].end_event + 1

    def item_of(self, event: int) -> OutputItem | None:
        """Returns the item of an event; None for an event of the whole response."""
        return next(
            (item for item in self.items if item.first_event <= event < item.end_event), None
        )

    def event_after(self, chunks: int) -> int:
        """Returns the number of the event that follows the first `chunks` chunks directly."""
        if not chunks:
            return self.items[0].first_event + self.items[0].opening_count
        item = next(item for item in self.items if chunks <= item.end_chunk)
        return item.closing_event - (item.end_chunk - chunks)

    def seconds_until(self, event: int) -> float | None:
        """Returns the seconds until an event is due; None means never."""
        if self.accepted.hangs and event >= self.event_after(0):
            return None
        item, last = self.item_of(event), self.event_count - 1
        chunks = item.chunks_before(event) if item else len(self.accepted.chunks) * (event == last)
        return max(0.0, self.started + self.accepted.pause_s * chunks - _now())

    def messages(self) -> tuple[PromptMessage, ...]:
        """Returns the conversation up to and including this response."""
        completion = self.accepted.completion
        calls = tuple(
            EarlierCall(call.id, call.name, completion.arguments(call))
            for call in completion.tool_calls
        )
        text = "" if calls else self.text or completion.refusal
        answer = PromptMessage("assistant", text, tool_calls=calls)
        return (*self.accepted.request.conversation.messages, answer)


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
        items = output_items(accepted.completion, accepted.chunks)
        response = StoredResponse(response_id, accepted, items=items)
        self._responses[response_id] = response
        while len(self._responses) > MAX_RESPONSES:
            _, oldest = self._responses.popitem(last=False)
            self.cancel(oldest)
        if not accepted.hangs:
            duration_s = accepted.pause_s * len(accepted.chunks)
            loop = asyncio.get_running_loop()
            response.billing_timer = loop.call_later(duration_s, self._finish, response, DELIVERED)
        return response

    def get(self, response_id: str) -> StoredResponse:
        """Raises ApiError for an unknown id, also that of a response with store=false."""
        response = self._responses.get(response_id)
        if response is None or not response.accepted.request.is_stored:
            raise ApiError("No such response", 404, "not_found")
        return response

    def history(self, response_id: str) -> tuple[PromptMessage, ...]:
        """Returns the messages up to a response. Raises InvalidParameter for an unusable id."""
        param = "previous_response_id"
        response = self._responses.get(response_id)
        if response is None or not response.accepted.request.is_stored:
            message = f"Previous response with id '{response_id[:100]}' not found."
            raise InvalidParameter(message, param, "previous_response_not_found")
        if response.status == "in_progress":
            message = f"Previous response with id '{response_id}' is still in progress."
            raise InvalidParameter(message, param)
        return response.messages()

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
