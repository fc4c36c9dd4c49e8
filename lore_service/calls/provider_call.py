"""One request to the provider: its intent, its response and its settlement."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic

from loresmith.jobs.core.errors import TimedOut
from loresmith.jobs.core.logs import get_logger, safe
from loresmith.lore_service.calls.ai_call_log import AiCallLog
from loresmith.lore_service.calls.call_outcome import (
    DETACHED,
    CallOutcome,
    StopReason,
    stopped_before_sending,
)
from loresmith.lore_service.calls.pool_queue import PoolQueues
from loresmith.lore_service.ledger.ledger import (
    CallId,
    IntentReply,
    Ledger,
    LedgerUnavailable,
    Settlement,
)
from loresmith.lore_service.ledger.settlement import CallSettlement
from loresmith.lore_service.providers.base import Provider
from loresmith.lore_service.providers.errors import (
    CallError,
    CallFailure,
    ProviderProblem,
    cancelled,
    classify,
    unavailable,
    unknown,
)
from loresmith.lore_service.providers.pricing import Pricing
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.providers.sdk.pause_tolerant_timeout import PauseTolerantTimeout

log = get_logger(__name__)

LEDGER_TIMEOUT_S = 10.0
"""How long an intent waits for Redis. Nothing is bought before it is recorded."""
LEDGER_RETRY_INTERVAL_S = 0.2
MAX_INTENT_AGE_S = 1.0
"""An older intent is checked before the request is sent: a paused process may have lost its lease,
or the call may have been cancelled."""
MIN_TEXT_GROWTH = 1.125
"""How much a text must grow before the ledger stores it again, so that it is written in full only a
few times."""


@dataclass(frozen=True)
class CallServices:
    """The parts that all calls of a process share."""

    ledger: Ledger
    settlement: CallSettlement
    providers: Mapping[str, Provider]
    """By name."""
    pricing: Pricing
    pools: PoolQueues
    ai_log: AiCallLog = field(default_factory=AiCallLog)


class ProviderCall:
    """Sends one request under one call_id, at most once."""

    def __init__(
        self,
        services: CallServices,
        request: ProviderRequest,
        timeout_s: float,
        on_text: Callable[[str], None],
        fits: Callable[[ProviderResponse], bool],
    ) -> None:
        self.request = request
        self.response = ProviderResponse.to(request, self._note_response_id)
        self.in_flight = False
        """Whether its lease must be renewed."""
        self.refusal: CallFailure | None = None
        """Why the provider refused the request, which was not bought."""
        self._services = services
        self._provider = services.providers[request.provider]
        self._timeout_s = timeout_s
        self._on_text = on_text
        self._fits = fits
        self._fencing_token = services.ledger.new_fencing_token()
        self._intended_at = 0.0
        self._timeout: PauseTolerantTimeout | None = None
        self._stop: StopReason | None = None
        self._first_text_at: float | None = None
        self._text_length = 0
        self._saved_length = 0

    @classmethod
    def resumed(
        cls, services: CallServices, call_id: str, row: Mapping[str, str], timeout_s: float
    ) -> "ProviderCall":
        """Takes over a call that the provider continues. `run` follows it to its end."""
        provider = row.get("provider", "")
        model = row.get("model", "").removeprefix(f"{provider}/")
        request = ProviderRequest(call_id, model, [], "", {}, 0, provider=provider)
        call = cls(services, request, timeout_s, lambda _: None, lambda _: False)
        call._fencing_token = row["fencing_token"]
        call.response.response_id = row["response_id"]
        return call

    async def record_intent(self, attempt: int, fields: dict[str, str]) -> IntentReply:
        """Records that the request is about to be sent, or returns what the ledger knows of it.

        Waits for Redis. Raises CallError.
        """
        services = self._services
        max_cost = await services.pricing.max_cost(self.request)
        if max_cost is not None:
            fields = fields | {"max_micros": str(max_cost)}
        call_id = CallId.parse(self.request.call_id)
        deadline, is_retry = monotonic() + LEDGER_TIMEOUT_S, False
        while not self._stop and (not is_retry or monotonic() < deadline):
            if is_retry:
                await asyncio.sleep(LEDGER_RETRY_INTERVAL_S)
            self._intended_at = monotonic()
            try:
                await services.settlement.settle_waiting(self.request.call_id)
                return await services.ledger.intent(call_id, attempt, self._fencing_token, fields)
            except LedgerUnavailable as error:
                log.info("an intent waits", call_id=str(call_id), error=safe(error))
                is_retry = True
        raise await self._withdraw()

    async def send(self) -> ProviderResponse:
        """Sends the request, whose intent is recorded. Raises CallError."""
        self.in_flight = True
        try:
            if monotonic() - self._intended_at > MAX_INTENT_AGE_S:
                await self._check_intent()
            return await self.run()
        finally:
            self.in_flight = False

    async def run(self) -> ProviderResponse:
        """Streams the response, settles its end and logs the call. Raises CallError."""
        began = monotonic()
        outcome = self._with_answer(await self._stream())
        self._add_cost()
        if outcome.state != DETACHED:
            seconds = monotonic() - began
            settlement = await self._settlement(outcome)
            await self._services.settlement.settle(settlement)
            await self._log(settlement, outcome, began, seconds)
        if failure := outcome.failure:
            raise CallError(replace(failure, text=self.response.text, usage=self.response.usage))
        return self.response

    def stop(self, reason: StopReason) -> None:
        """Closes the connection to the provider, or never opens it."""
        self._stop = self._stop or reason
        if self._timeout:
            self._timeout.expire()

    def text_if_grown(self) -> str:
        """Returns the whole text when it is worth storing again, else ''."""
        if self._text_length < max(self._saved_length * MIN_TEXT_GROWTH, 1):
            return ""
        self._saved_length = self._text_length
        return self.response.text

    async def _withdraw(self) -> CallError:
        """Takes the intent back: it may have been recorded although its reply was lost."""
        failure = unavailable("Redis is unavailable, so nothing was bought.")
        if self._stop:
            failure = stopped_before_sending(self._stop)
        fields = {"error": failure.as_json(), "cost_micros": "0"}
        await self._services.settlement.settle(
            Settlement(self.request.call_id, self._fencing_token, "released", fields)
        )
        return CallError(failure)

    async def _check_intent(self) -> None:
        """Raises CallError when the lease was lost; notices a cancellation."""
        call_id = self.request.call_id
        try:
            reply = (await self._services.ledger.heartbeat({call_id: ""}))[call_id]
        except LedgerUnavailable as error:
            raise await self._withdraw() from error
        if reply == "lost":
            raise CallError(unknown("The lore service was paused for too long"))
        if reply == "cancel":
            self.stop(StopReason.CANCEL)

    async def _stream(self) -> CallOutcome:
        if self._stop:
            state = "cancelled" if self._stop is StopReason.CANCEL else "released"
            return CallOutcome(state, stopped_before_sending(self._stop))
        try:
            async with PauseTolerantTimeout(self._timeout_s) as self._timeout:
                await self._provider.stream(self.request, self.response, self._take_text)
        except TimeoutError:
            return await self._interrupted()
        except ProviderProblem as problem:
            self.response.on_limits(problem.limits)
            verdict = classify(problem)
            if verdict.state == "released":
                self.refusal = verdict.failure
            return CallOutcome(verdict.state, verdict.failure)
        except Exception:
            log.exception("a call failed", call_id=self.request.call_id)
            return CallOutcome("unknown", unknown("Internal error; see the lore service's log"))
        finally:
            self._timeout = None
        return CallOutcome("done")

    def _with_answer(self, outcome: CallOutcome) -> CallOutcome:
        """Reads the text: one that fits is the answer, however the response ended."""
        response = self.response
        if outcome.state == DETACHED or not (response.text and self._fits(response)):
            return outcome
        response.finish_reason = response.finish_reason or "stop"
        return CallOutcome("done")

    def _add_cost(self) -> None:
        """Prices the usage. A call is settled also where that fails."""
        try:
            self._services.pricing.add_cost(self.response, self.request)
        except Exception:
            log.exception("the cost of a call is unknown", call_id=self.request.call_id)
            self.response.usage = None

    async def _log(
        self, settlement: Settlement, outcome: CallOutcome, began: float, seconds: float
    ) -> None:
        first = self._first_text_at
        await self._services.ai_log.ended(
            self.request,
            self._services.ledger,
            settlement,
            code=outcome.failure.code if outcome.failure else "",
            usage=self.response.usage,
            seconds=seconds,
            first_token_s=None if first is None else first - began,
        )

    def _take_text(self, text: str) -> None:
        self._first_text_at = self._first_text_at or monotonic()
        self._text_length += len(text)
        self._on_text(text)

    async def _note_response_id(self, response_id: str) -> None:
        await self._services.settlement.note_response_id(
            self.request.call_id, self._fencing_token, response_id
        )

    async def _interrupted(self) -> CallOutcome:
        """Ends a response that was stopped, or that reached its time limit."""
        if self.response.finish_reason:
            return CallOutcome("done")
        if self._stop is StopReason.SHUTDOWN and self.response.response_id:
            failure = unavailable("The lore service is stopping; the call continues.")
            return CallOutcome(DETACHED, failure)
        await self._provider.cancel(self.response)
        if self.response.finish_reason:
            return CallOutcome("done")
        if self._stop is StopReason.CANCEL:
            return CallOutcome("cancelled", cancelled(may_be_bought=True))
        if self._stop is StopReason.SHUTDOWN:
            return CallOutcome("unknown", unknown("The lore service was stopped during the call"))
        message = f"The model did not finish within {self._timeout_s:g} s."
        return CallOutcome("cancelled", CallFailure.of(TimedOut, message, may_be_bought=True))

    async def _likely_cost(self) -> int | None:
        try:
            return await self._services.pricing.likely_cost(self.request, self.response.text)
        except Exception:
            log.exception("the likely cost of a call is unknown", call_id=self.request.call_id)
            return None

    async def _settlement(self, outcome: CallOutcome) -> Settlement:
        response = self.response
        cost = self._services.pricing.cost(
            response, self.request.full_model, bought=outcome.may_be_bought
        )
        likely = None
        if cost is None and outcome.state == "cancelled":
            likely = await self._likely_cost()
        if likely is not None and self._services.pricing.books_likely:
            cost = likely
        fields = response.as_row() | {
            "error": outcome.failure.as_json() if outcome.failure else "",
            "cost_micros": "" if cost is None else str(cost),
            "likely_micros": "" if likely is None else str(likely),
            "used_tokens": str(response.usage.total_tokens) if response.usage else "",
        }
        present = {name: value for name, value in fields.items() if value}
        return Settlement(self.request.call_id, self._fencing_token, outcome.state, present)
