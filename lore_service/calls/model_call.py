"""One model call: sent, followed or replayed, and repaired when its response is unusable."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from loresmith.jobs.core.errors import CostLimitReached, InternalError, NotCached
from loresmith.jobs.core.logs import ATTEMPT, CALL_ID, JOB_ID, get_logger
from loresmith.lore_service.calls.call_log import CallLog, StoredText, TextStarted
from loresmith.lore_service.calls.call_outcome import StopReason
from loresmith.lore_service.calls.call_request import CallRequest, is_repairable
from loresmith.lore_service.calls.ledger_replies import EXCEEDED, settled_response
from loresmith.lore_service.calls.pool_queue import Admission
from loresmith.lore_service.calls.provider_call import CallServices, ProviderCall
from loresmith.lore_service.ledger.ledger import IntentReply, LedgerUnavailable
from loresmith.lore_service.providers.errors import (
    CallError,
    CallFailure,
    cancelled,
    fenced,
    unavailable,
)
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response import ProviderResponse, finished_items_of
from loresmith.lore_service.providers.usage import ProviderUsage
from loresmith.protos.lore.v1 import lore_pb2 as pb

log = get_logger(__name__)

POLL_INTERVAL_S = 0.3
"""Between two reads of a call that another lore_service runs."""
STOPPING = unavailable("The lore service is stopping; nothing was bought.")


@dataclass(frozen=True)
class CallResult:
    """The validated output of a call."""

    output_json: str
    model: str
    finish_reason: str
    usage: ProviderUsage | None
    fingerprint: str


class ModelCall:
    """A call in a task of its own, which outlives its callers. The task raises CallError."""

    def __init__(
        self,
        services: CallServices,
        request: CallRequest,
        timeout_s: float,
        log_interval_s: Callable[[], float],
    ) -> None:
        self.call_log = CallLog(log_interval_s)
        self.admitted = asyncio.Event()
        """Set once the ledger has accepted or rejected the caller."""
        self.rejected = False
        self.provider_call: ProviderCall | None = None
        self._services = services
        self._request = request
        self._timeout_s = timeout_s
        self._stop: StopReason | None = None
        self._sent = False
        self._draining = False
        self._entering: asyncio.Task[tuple[IntentReply, Admission | None]] | None = None
        self._admission: Admission | None = None
        self.task = asyncio.create_task(self._run())

    def stop(self, reason: StopReason) -> None:
        """Stops the request in flight and sends no other."""
        self._stop = self._stop or reason
        if self.provider_call:
            self.provider_call.stop(reason)
        if self._entering:
            self._entering.cancel()

    def drain(self) -> None:
        """Lets the request in flight end, and leaves a repair to the next lore_service."""
        self._draining = True
        if self._entering:
            self._entering.cancel()

    async def _run(self) -> CallResult:
        CALL_ID.set(str(self._request.call_id))
        JOB_ID.set(self._request.call_id.job_id)
        ATTEMPT.set(self._request.attempt)
        try:
            return await self._obtain()
        except CallError as error:
            text = self.call_log.placeholders.restore(error.failure.text)
            error.failure = replace(error.failure, text=text)
            raise
        except Exception as error:
            log.exception("a call failed", call_id=str(self._request.call_id))
            raise CallError(CallFailure.of(InternalError)) from error
        finally:
            self.admitted.set()
            self.call_log.close()

    async def _obtain(self) -> CallResult:
        request, response = await self._first_response()
        try:
            result = await self._result(response, response.usage)
        except CallError as error:
            if not is_repairable(error.failure, response):
                raise
            response, result = await self._repair(request, response, error.failure)
        if self._sent and result.finish_reason == "stop":
            await self._cache(request.fingerprint, response)
        return result

    async def _first_response(self) -> tuple[ProviderRequest, ProviderResponse]:
        """Asks the models in turn until one takes the request, and returns both. Raises CallError.

        A refused request is not bought, so all are sent under the same call_id.
        """
        while True:
            make = self._request.provider_request
            # A long text may be searched for a second.
            request = await asyncio.to_thread(make) if self._request.redact else make()
            self.call_log.placeholders = request.placeholders
            try:
                response = await self._fetch(request)
            except CallError as error:
                self._request = self._request.after_refusal(error.failure)
                if self._draining:
                    raise CallError(STOPPING) from error
            else:
                model = self._request.model
                return replace(request, model=model.model, provider=model.provider.name), response

    async def _repair(
        self, unusable: ProviderRequest, first: ProviderResponse, problem: CallFailure
    ) -> tuple[ProviderResponse, CallResult]:
        """Requests a usable response. Its usage includes that of the first one."""
        if self._draining:
            raise CallError(STOPPING)
        request = self._request.repair_request(unusable, first.text, problem.message)
        try:
            response = await self._fetch(request)
            return response, await self._result(response, _sum(first.usage, response.usage))
        except CallError as error:
            failure = error.failure
            text, usage = failure.text or first.text, _sum(first.usage, failure.usage)
            raise CallError(replace(failure, text=text, usage=usage)) from None

    async def _fetch(self, request: ProviderRequest) -> ProviderResponse:
        """Returns the complete response to a request, sent now or before. Raises CallError."""
        call = ProviderCall(
            self._services, request, self._timeout_s, self._take_text, self._request.fits
        )
        if self._stop:
            call.stop(self._stop)
        self.provider_call = call
        try:
            reply = await self._intent(call)
            self.rejected = reply.outcome in ("fenced", "cancel")
            self.admitted.set()
            match reply:
                case IntentReply("go"):
                    self._start_text(pb.Accepted.HOW_STARTED, request.call_id, request.full_model)
                    self._sent = True
                    if self._admission:
                        self._admission.sent()
                    return await call.send()
                case IntentReply("attach", call_id):
                    return await self._follow(call_id)
                case IntentReply("fenced"):
                    raise CallError(fenced())
                case IntentReply("cancel"):
                    raise CallError(cancelled(may_be_bought=False))
                case IntentReply("absent"):
                    raise CallError(CallFailure.of(NotCached, may_try_another=True))
                case IntentReply("refused"):
                    raise CallError(CallFailure.of(CostLimitReached, EXCEEDED[reply.exceeded]))
                case IntentReply(_, call_id, row):
                    return self._replay(call_id, row or {})
        finally:
            self.provider_call = None
            if self._admission:
                await self._admission.end(call.refusal)
                self._admission = None

    async def _intent(self, call: ProviderCall) -> IntentReply:
        """Records the intent once the pool has room.

        What the ledger knows already needs no room: nothing is sent for it. Raises CallError.
        """
        attempt, model = self._request.attempt, self._request.model
        fields = self._request.row_fields(call.request)
        if self._request.cache == "only":
            return await call.record_intent(attempt, fields)
        queue = self._services.pools.of(model.pool, model.limits)
        if not queue.is_open:
            reply = await call.record_intent(attempt, self._request.without_purchase(fields))
            if reply.outcome not in ("absent", "refused"):
                return reply
        call.response.on_limits = queue.note_limits
        self._entering = asyncio.create_task(
            queue.enter(lambda: call.record_intent(attempt, fields))
        )
        try:
            reply, self._admission = await self._entering
        except asyncio.CancelledError:
            if self._draining:
                call.stop(StopReason.SHUTDOWN)
            elif not self._stop:
                raise
            return await call.record_intent(attempt, fields)  # withdraws it
        finally:
            self._entering = None
        return reply

    def _take_text(self, text: str) -> None:
        if self._admission:
            self._admission.accepted()
        self.call_log.add(text)

    def _start_text(self, how: "pb.Accepted.How.ValueType", call_id: str, model: str) -> None:
        self.call_log.add(TextStarted(how, call_id, model, self._request.finished_items))

    async def _follow(self, call_id: str) -> ProviderResponse:
        """Polls a call of another lore_service until it is settled; reaping guarantees the end."""
        self._start_text(pb.Accepted.HOW_ATTACHED, call_id, self._request.model.name)
        length = 0
        while True:
            try:
                row = await self._services.ledger.row(call_id)
            except LedgerUnavailable:
                row = {"state": "intent"}
            text = row.get("text", "")
            if len(text) > length:
                self.call_log.add(text[length:])
                length = len(text)
            if row.get("state") != "intent":
                self._request = self._request.of_row(row)
                return settled_response(call_id, row, self.call_log.placeholders)
            await asyncio.sleep(POLL_INTERVAL_S)

    def _replay(self, call_id: str, row: Mapping[str, str]) -> ProviderResponse:
        """Replays a settled call. The text of a failed one is replayed as a delta."""
        self._request = self._request.of_row(row)
        how = pb.Accepted.HOW_CACHED if "cached" in row else pb.Accepted.HOW_REPLAYED
        text = row.get("text", "")
        self.call_log.add(TextStarted(how, call_id, row.get("model", ""), finished_items_of(row)))
        self.call_log.add(StoredText(text) if row.get("state") == "done" else text)
        return settled_response(call_id, row, self.call_log.placeholders)

    async def _result(self, response: ProviderResponse, usage: ProviderUsage | None) -> CallResult:
        """Validates a response; marks an unusable one in the ledger. Raises CallError."""
        try:
            output = self._request.parse_output(response)
        except CallError as error:
            self._note_output(response, usable=False)
            await self._mark_unusable(response.call_id, error.failure)
            raise
        self._note_output(response, usable=True)
        return CallResult(
            output_json=output.model_dump_json(),
            model=response.model,
            finish_reason=response.finish_reason,
            usage=usage,
            fingerprint=self._request.spec.fingerprint,
        )

    def _note_output(self, response: ProviderResponse, *, usable: bool) -> None:
        """Tells the provider whether its answer fits the schema, except one stored before."""
        if response.form and response.finish_reason == "stop":
            model = self._request.model
            provider = self._services.providers[model.provider.name]
            provider.note_output(model.model, response, usable=usable)

    async def _mark_unusable(self, call_id: str, failure: CallFailure) -> None:
        try:
            await self._services.ledger.mark_unusable(call_id, failure.as_json())
        except LedgerUnavailable:
            log.warning(
                "a call was not marked as unusable; its next replay does it", call_id=call_id
            )

    async def _cache(self, fingerprint: str, response: ProviderResponse) -> None:
        try:
            job_id = self._request.call_id.job_id
            await self._services.ledger.cache_response(job_id, fingerprint, response.as_cached())
        except LedgerUnavailable:
            log.info("a response was not cached", call_id=response.call_id)


def _sum(first: ProviderUsage | None, second: ProviderUsage | None) -> ProviderUsage | None:
    return first + second if first and second else first or second
