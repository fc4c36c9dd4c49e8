"""The interface of a provider."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import httpx2

from loresmith.jobs.core.settings.providers import ProviderConfig
from loresmith.lore_service.providers.forms.form_probe import FormProbe
from loresmith.lore_service.providers.redaction import protect
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.request_form import RequestForm, forms_of
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.providers.sdk.client import make_client, request_headers

SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|credential|pass|signature", re.IGNORECASE)


class Provider(ABC):
    """One account at one server. Create and close it in the same event loop.

    Responses are read as plain dicts: the SDK's models cost more than the rest of a call.
    """

    can_resume = False
    """Whether a response can be followed by its id after a restart."""

    def __init__(
        self,
        config: ProviderConfig,
        api_key: str,
        read_timeout_s: float,
        connect_timeout_s: float,
    ) -> None:
        secrets = (value for name, value in config.headers.items() if SECRET_HEADER.search(name))
        protect(api_key, *secrets)
        self.config = config
        self._api_key = api_key
        self._read_timeout_s = read_timeout_s
        # The transport's own read timeout does not tolerate pauses.
        self._timeout = httpx2.Timeout(read_timeout_s, connect=connect_timeout_s, read=None)
        self._client = make_client(config, api_key, self._timeout)
        self._forms = FormProbe(config, forms_of(config))
        self._forms_without_schema = FormProbe(config, forms_of(config, has_schema=False))

    @property
    def address(self) -> str:
        return str(self._client.base_url)

    async def close(self) -> None:
        await self._client.close()

    async def stream(
        self, request: ProviderRequest, response: ProviderResponse, on_text: Callable[[str], None]
    ) -> None:
        """Sends a request, fills `response` and passes each piece of text to `on_text`.

        Returns when the response is complete. Raises ProviderProblem. Cancelling it closes the
        connection.
        """
        if response.response_id:  # sent by another process, in a form that no longer matters
            form = self._forms_of(request).first(request.model)
            await self._stream(request, form, response, on_text)
            return
        await self._forms_of(request).send(
            request.model,
            response,
            on_text,
            lambda form, on_text: self._stream(request, form, response, on_text),
        )

    def note_output(self, model: str, response: ProviderResponse, *, usable: bool) -> None:
        """Remembers whether the server holds answers to the schema."""
        if response.form and response.form.schema_mode != "none":
            self._forms.note_output(model, response, usable=usable)

    def _forms_of(self, request: ProviderRequest) -> FormProbe:
        return self._forms_without_schema if request.schema is None else self._forms

    @abstractmethod
    async def _stream(
        self,
        request: ProviderRequest,
        form: RequestForm,
        response: ProviderResponse,
        on_text: Callable[[str], None],
    ) -> None:
        """Sends a request in one form; the rest is as in `stream`."""

    @abstractmethod
    async def cancel(self, response: ProviderResponse) -> None:
        """Stops a generation that continues without a connection. Never raises."""

    def _options(self, call_id: str) -> dict[str, Any]:
        """Returns the options of a request."""
        return {
            "extra_headers": request_headers(self.config, call_id),
            "timeout": self._timeout,
        }
