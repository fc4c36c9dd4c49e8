"""Accepts or rejects the requests of both interfaces, and bills them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loresmith.offline_model.server.billing import DELIVERED, FAILED, Billing
from loresmith.offline_model.server.client_connection import ClientConnection
from loresmith.offline_model.server.completion import Completion, chunk_count, generate
from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.faults import FaultInjector
from loresmith.offline_model.server.request.conversation import count_tokens

RequestParser = Callable[[bytes, Mapping[str, str]], CompletionRequest]
BREAKING_FAULTS = ("cut", "truncate", "badchunk", "noevents", "lateid")
"""Faults that end a response after half of its chunks."""
SLOW_FACTOR = 10


@dataclass(frozen=True)
class AcceptedRequest:
    """A billed request, its completion and its timing."""

    request: CompletionRequest
    completion: Completion
    fault: str
    duration_s: float
    chunks: list[str]

    @property
    def breaks_off(self) -> bool:
        return self.fault in BREAKING_FAULTS

    @property
    def hangs(self) -> bool:
        return self.fault == "hang"

    @property
    def chunks_sent(self) -> int:
        """The chunks that a client receives: half of them if a fault breaks off the response."""
        total = len(self.chunks)
        return (total + 1) // 2 if self.breaks_off else total

    @property
    def pause_s(self) -> float:
        """The delay before each chunk."""
        return self.duration_s / max(1, len(self.chunks))


class RequestHandler:
    """Applies faults and billing to each request."""

    def __init__(
        self, billing: Billing, faults: FaultInjector, duration_s: float, chunks: int | None = None
    ) -> None:
        self._billing, self._faults = billing, faults
        self._duration_s, self._chunks = duration_s, chunks

    async def accept(self, parse: RequestParser, connection: ClientConnection) -> AcceptedRequest:
        """Bills the request and generates its completion. Raises ApiError."""
        request = parse(await connection.read_body(), connection.headers)
        self._billing.record_request(request.call_id)
        rule = self._faults.select(request.prompt, request.model, request.fault)
        error = rule.error(request.prompt) if rule else None
        if error and rule and not rule.is_billed:
            self._billing.reject(request.call_id)
            raise error
        accepted = self.prepare(request, rule.fault if rule else "")
        self._billing.start(request.call_id, accepted.completion.input_tokens)
        if error:
            self.finish(accepted, "", FAILED)
            raise error
        return accepted

    def finish(self, accepted: AcceptedRequest, text: str, outcome: str) -> None:
        """Bills the text that was written; a delivered refusal counts as text."""
        billed = text or (accepted.completion.refusal if outcome == DELIVERED else "")
        self._billing.end(accepted.request.call_id, count_tokens(billed), outcome)

    def prepare(self, request: CompletionRequest, fault: str) -> AcceptedRequest:
        """Generates the completion and splits it into chunks. Raises BadRequest."""
        duration_s = self._duration_s if request.duration_s is None else request.duration_s
        duration_s *= SLOW_FACTOR if fault == "slow" else 1
        completion = generate(request, fault)
        chunks = completion.chunks(chunk_count(duration_s, self._chunks))
        return AcceptedRequest(request, completion, fault, duration_s, chunks)
