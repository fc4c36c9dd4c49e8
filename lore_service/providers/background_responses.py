"""OpenAI Responses in the background: created, then followed or cancelled by id.

A generation that has an id survives a lost connection and the death of this process: its id is
enough to follow it. It is created with a stream, because only then it has events to follow; where
they fail, it is looked up by its id.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from time import monotonic
from typing import Any

from openai import APIStatusError, AsyncAPIResponse, NotFoundError
from openai.resources.responses import AsyncResponsesWithStreamingResponse

from loresmith.jobs.core.backoff import Backoff
from loresmith.jobs.core.logs import get_logger, own_text, safe
from loresmith.lore_service.providers.base import Provider
from loresmith.lore_service.providers.errors import ProviderProblem
from loresmith.lore_service.providers.rate_limits import rate_limits
from loresmith.lore_service.providers.reading.background import BackgroundReader, ResponseFailed
from loresmith.lore_service.providers.reading.body import BodyDecoder, raise_problem
from loresmith.lore_service.providers.reading.sse import ServerSentEvent
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.request_form import RequestForm, response_body
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.providers.sdk.errors import to_problem
from loresmith.lore_service.providers.sdk.pause_tolerant_timeout import PauseTolerantTimeout

log = get_logger(__name__)

MIN_RETRY_INTERVAL_S, MAX_RETRY_INTERVAL_S = 0.2, 3.0
"""Between two attempts to follow a generation whose stream broke."""
CANCEL_TIMEOUT_S = 3.0
NOT_FOUND_TIMEOUT_S = 10.0
"""How long a provider may not find a response that it has created."""


class BackgroundResponsesProvider(Provider):
    """Requests background responses."""

    can_resume = True

    @property
    def _requests(self) -> AsyncResponsesWithStreamingResponse:
        return self._client.responses.with_streaming_response

    async def _stream(
        self,
        request: ProviderRequest,
        form: RequestForm,
        response: ProviderResponse,
        on_text: Callable[[str], None],
    ) -> None:
        """Creates the response, unless it has an id, and follows it until it ends."""
        reader = BackgroundReader(response, on_text)
        try:
            if not response.response_id:
                await self._create(request, form, reader)
            await self._follow_to_the_end(reader)
        except Exception as error:  # whatever a connection can raise
            raise to_problem(error, self._api_key, is_answered=True) from error
        finally:
            reader.finish()

    async def cancel(self, response: ProviderResponse) -> None:
        """Cancels the response and reads its usage. Never raises."""
        if not response.response_id:
            return
        reader = BackgroundReader(response, lambda _: None)
        try:
            async with asyncio.timeout(CANCEL_TIMEOUT_S):
                sending = self._requests.cancel(response.response_id, **self._options(""))
                async with aclosing(self._events(sending)) as events:
                    async for event in events:
                        reader.read(event)
        except Exception as error:  # stopped or not: the ledger row says what is known
            self._log(response, "cancelling failed", error)
        finally:
            reader.finish()

    async def _create(
        self, request: ProviderRequest, form: RequestForm, reader: BackgroundReader
    ) -> None:
        """Creates the response, notes its id, and reads its events as long as they come."""
        response = reader.response
        sending = self._requests.create(
            stream=True,
            extra_body=response_body(request, form),
            **self._options(request.call_id),
        )
        try:
            async with aclosing(self._events(sending, response)) as events:
                async for event in events:
                    known_id = response.response_id
                    reader.read(event)
                    if response.response_id != known_id:
                        await response.on_response_id(response.response_id)
                    if response.finish_reason:
                        return
        except ResponseFailed:
            raise
        except Exception as error:
            if not response.response_id:
                raise to_problem(error, self._api_key) from error
            self._log(response, "its first stream broke off", error)
        if not response.response_id:
            raise ProviderProblem("The provider's response has no id.")

    async def _follow_to_the_end(self, reader: BackgroundReader) -> None:
        """Follows the events, and looks the response up where there are none."""
        response = reader.response
        backoff = Backoff(MIN_RETRY_INTERVAL_S, MAX_RETRY_INTERVAL_S)
        has_events, give_up_at = True, monotonic() + NOT_FOUND_TIMEOUT_S
        while not response.finish_reason:
            last_event = response.last_event
            if has_events:
                has_events = await self._follow(reader)
            if not response.finish_reason:
                is_found = await self._look_up(reader)
                if not is_found and monotonic() > give_up_at:
                    raise ProviderProblem("The provider no longer has the response.")
                give_up_at = monotonic() + NOT_FOUND_TIMEOUT_S if is_found else give_up_at
            if response.last_event > last_event:
                backoff.reset()
            if not response.finish_reason:
                await asyncio.sleep(backoff.next_s())

    async def _follow(self, reader: BackgroundReader) -> bool:
        """Reads the events after the last known one. Returns whether the provider has any."""
        response = reader.response
        sending = self._requests.retrieve(
            response.response_id,
            stream=True,
            starting_after=response.last_event,
            **self._options(response.call_id),
        )
        try:
            async with aclosing(self._events(sending)) as events:
                async for event in events:
                    reader.read(event)
                    if response.finish_reason:
                        break
        except APIStatusError as error:
            self._log(response, "it has no events", error)
            return isinstance(error, NotFoundError)  # a new one may not be known everywhere
        except ResponseFailed:
            raise
        except Exception as error:  # the id stays valid
            self._log(response, "its stream broke off", error)
        return True

    async def _look_up(self, reader: BackgroundReader) -> bool:
        """Reads the stored response. Returns whether the provider has it."""
        response = reader.response
        try:
            options = self._options(response.call_id)
            sending = self._requests.retrieve(response.response_id, **options)
            async with aclosing(self._events(sending)) as events:
                async for event in events:
                    reader.read(event)
        except NotFoundError:
            return False
        except ResponseFailed:
            raise
        except Exception as error:  # the id stays valid
            self._log(response, "it cannot be looked up", error)
        return True

    async def _events(
        self,
        sending: AbstractAsyncContextManager[AsyncAPIResponse[Any]],
        created: ProviderResponse | None = None,
    ) -> AsyncGenerator[ServerSentEvent, None]:
        """Sends a request and yields the events of its response; a document is one event.

        The limits in its head are those of the response that it created.
        """
        decoder, is_empty = BodyDecoder(), True
        async with AsyncExitStack() as stack:
            async with PauseTolerantTimeout(self._read_timeout_s):
                answer = await stack.enter_async_context(sending)
            if created:
                created.on_limits(rate_limits(answer.headers))
            chunks = aiter(answer.iter_bytes())
            while (chunk := await self._next(chunks)) is not None:
                for event in decoder.feed(chunk):
                    is_empty = False
                    yield event
        for event in decoder.finish():
            is_empty = False
            yield event
        if is_empty:
            raise_problem(decoder)

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        """Returns the next chunk; None at the end. Not a timeout around the whole generator: it
        would interrupt the reader of its events.
        """
        async with PauseTolerantTimeout(self._read_timeout_s):
            return await anext(chunks, None)

    def _log(self, response: ProviderResponse, what: str, error: Exception) -> None:
        log.warning(
            "a background response could not be followed",
            call_id=response.call_id,
            reason=own_text(what),
            error=safe(error),
        )
