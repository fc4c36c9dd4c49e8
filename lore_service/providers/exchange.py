"""Single requests to a provider, with everything that its answer shows.

For the conformance check: model calls use the providers, which keep less and stop at a problem.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx2
from openai import APIStatusError

from loresmith.jobs.core.settings.providers import ProviderConfig
from loresmith.lore_service.providers.errors import ProviderProblem
from loresmith.lore_service.providers.reading.body import read_completion
from loresmith.lore_service.providers.reading.completion import CompletionReader
from loresmith.lore_service.providers.redaction import protect
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.providers.sdk.client import make_client, request_headers
from loresmith.lore_service.providers.sdk.errors import to_problem

CALL_ID = "conformance"


@dataclass
class Reply:
    """What came of one request."""

    response: ProviderResponse
    problem: ProviderProblem | None = None
    """Why there is no complete answer; None also where we stopped it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: list[dict[str, Any]] = field(default_factory=list)
    """The JSON objects of the body."""
    first_text_s: float | None = None

    @property
    def text(self) -> str:
        return self.response.text

    @property
    def is_stream(self) -> bool:
        """Whether the answer came as server-sent events."""
        return self.headers.get("content-type", "").startswith("text/event-stream")


class _Recorder(CompletionReader):
    """Remembers what it reads."""

    def __init__(self, reply: Reply, began: float, *, stops_at_text: bool) -> None:
        super().__init__(reply.response, self._take_text)
        self._reply, self._began, self._stops = reply, began, stops_at_text

    def read(self, chunk: dict[str, Any]) -> None:
        self._reply.chunks.append(chunk)
        super().read(chunk)

    def _take_text(self, text: str) -> None:
        if self._reply.first_text_s is None:
            self._reply.first_text_s = monotonic() - self._began
            if self._stops:
                raise _Stopped


class _Stopped(Exception):
    """We have read enough of the answer."""


class Exchanges:
    """Sends requests to one provider. Create and close it in the same event loop."""

    def __init__(
        self, config: ProviderConfig, api_key: str, timeout_s: float, connect_timeout_s: float
    ) -> None:
        """`timeout_s`: how long a whole answer may take. Raises SettingsError."""
        protect(api_key)
        self._config, self._api_key, self._timeout_s = config, api_key, timeout_s
        self._timeout = httpx2.Timeout(timeout_s, connect=connect_timeout_s)
        self._client = make_client(config, api_key, self._timeout)

    async def close(self) -> None:
        await self._client.close()

    async def complete(self, body: dict[str, Any], *, stops_at_text: bool = False) -> Reply:
        """Requests a streamed chat completion; closes the connection at its first text if asked.

        Never raises.
        """
        reply = Reply(ProviderResponse(CALL_ID, str(body["model"])))
        reader = _Recorder(reply, monotonic(), stops_at_text=stops_at_text)
        is_answered = False
        try:
            async with asyncio.timeout(self._timeout_s):
                sending = self._client.chat.completions.with_streaming_response.create(
                    model=str(body["model"]),
                    messages=(),
                    stream=True,
                    extra_body=body,
                    extra_headers=request_headers(self._config, CALL_ID),
                    timeout=self._timeout,
                )
                async with sending as answer:
                    is_answered, reply.headers = True, answer.headers
                    chunks: AsyncIterator[bytes] = answer.iter_bytes()
                    await read_completion(chunks, reader, reply.response)
            reader.finish()
        except _Stopped:
            pass
        except Exception as error:
            self._fail(reply, error, is_answered=is_answered)
        if not (reply.problem or stops_at_text or reply.response.finish_reason):
            reply.problem = ProviderProblem("The stream ended without a finish_reason.")
        return reply

    async def get(self, path: str) -> Any:
        """Returns the JSON at a path of the provider, or at an address. Raises ProviderProblem."""
        return await self._json("GET", path)

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Sends JSON and returns that of the answer. Raises ProviderProblem."""
        return await self._json("POST", path, body)

    @property
    def root(self) -> str:
        """The address of the server without /v1."""
        return str(self._client.base_url).rstrip("/").removesuffix("/v1")

    async def _json(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        send: Any = self._client.get if method == "GET" else self._client.post
        options = {"headers": request_headers(self._config, CALL_ID), "timeout": self._timeout}
        try:
            async with asyncio.timeout(self._timeout_s):
                content = {} if method == "GET" else {"body": body}
                return await send(path, cast_to=object, options=options, **content)
        except Exception as error:
            raise to_problem(error, self._api_key) from error

    def _fail(self, reply: Reply, error: Exception, *, is_answered: bool) -> None:
        reply.problem = to_problem(error, self._api_key, is_answered=is_answered)
        for cause in (error, error.__cause__):
            if isinstance(cause, APIStatusError):
                reply.headers = cause.response.headers
