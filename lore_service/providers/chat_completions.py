"""Streamed chat completions with a JSON Schema: what every compatible server offers."""

from collections.abc import Callable

from loresmith.lore_service.providers.base import Provider
from loresmith.lore_service.providers.errors import ProviderProblem
from loresmith.lore_service.providers.rate_limits import rate_limits
from loresmith.lore_service.providers.reading.body import read_completion
from loresmith.lore_service.providers.reading.completion import CompletionReader
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.request_form import RequestForm, chat_body
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.providers.sdk.errors import to_problem
from loresmith.lore_service.providers.sdk.pause_tolerant_timeout import PauseTolerantTimeout


class ChatCompletionsProvider(Provider):
    """Requests chat completions."""

    async def _stream(
        self,
        request: ProviderRequest,
        form: RequestForm,
        response: ProviderResponse,
        on_text: Callable[[str], None],
    ) -> None:
        reader = CompletionReader(response, on_text)
        is_answered = False
        try:
            async with PauseTolerantTimeout(self._read_timeout_s) as silence:
                # The whole body is an extra one, because the SDK copies its own fields one by one.
                sending = self._client.chat.completions.with_streaming_response.create(
                    model=request.model,
                    messages=(),
                    stream=True,
                    extra_body=chat_body(request, form),
                    **self._options(request.call_id),
                )
                async with sending as answer:
                    is_answered = True
                    response.on_limits(rate_limits(answer.headers))
                    chunks = silence.restarted_by(answer.iter_bytes())
                    await read_completion(chunks, reader, response)
        except Exception as error:  # whatever a connection can raise
            if response.finish_reason in ("", "error"):
                raise to_problem(error, self._api_key, is_answered=is_answered) from error
        finally:
            reader.finish()
        if not response.finish_reason:
            raise ProviderProblem("The provider's stream ended without a finish_reason.")

    async def cancel(self, response: ProviderResponse) -> None:
        """Does nothing: closing the connection has stopped it."""
