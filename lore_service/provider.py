"""The provider: the only module that speaks to one, and the only one that imports its SDK.

Chat completions, streamed, held to a JSON Schema: what every compatible server can do. The SDK's
retries are off, because a request that is sent again is bought again. Chunks are read as plain
dicts: building the SDK's models from them costs more than all the rest of a call.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from time import time
from typing import Any

import aiohttp
import httpx2
from openai import (
    APIError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    AsyncStream,
    DefaultAioHttpClient,
    RequestOptions,
)
from pydantic_core import from_json

from jobs.answers import fingerprint
from jobs.config import is_loopback
from lore_service.config import LoreConfig
from lore_service.status import ProviderProblem
from lore_service.usage import Usage

CONNECTIONS = 5_000
IDLE_S = 2.0
"""Idle connections are closed before the server does: one that it closes just as a request leaves
makes a call whose outcome nobody knows."""

NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)
"""Errors of the time before there is a connection. The classes that httpx2 turns them into are of
no use: a server that hangs up after the request is a ConnectTimeout there."""

OFFLINE = "offline model"
"""How the offline model's system_fingerprint begins: it costs nothing."""


@dataclass(frozen=True)
class Question:
    """One request to the provider."""

    call_id: str
    model: str
    messages: list[dict[str, str]]
    name: str
    """What is asked for: letters, digits, _ and - only."""
    schema: dict[str, Any]
    max_output_tokens: int
    finished: tuple[str, ...] = ()
    """Items that were written before and are kept, as JSON texts; the rest is asked for."""

    @cached_property
    def fingerprint(self) -> str:
        """The same for an identical request, whichever job it is for."""
        return fingerprint(self.model, self.messages, self.schema, self.max_output_tokens)


async def _nowhere(_: str) -> None:
    """Nobody keeps the id."""


def finished_of(row: Mapping[str, str]) -> tuple[str, ...]:
    """The items that were not asked for under a row of the ledger, since they were there."""
    return tuple(from_json(row.get("finished") or "[]"))


@dataclass
class Answer:
    """What the provider says under one call_id, as far as it has said it."""

    call_id: str
    model: str
    parts: list[str] = field(default_factory=list)
    refusal: str = ""
    finish_reason: str = ""
    """Empty: it is not complete."""
    provider_id: str = ""
    usage: Usage | None = None
    free: bool = False
    finished: tuple[str, ...] = ()
    """Items that were written before, and go before its own."""
    response_id: str = ""
    """Under which the provider goes on with it when nobody listens; empty where none does."""
    seen: int = -1
    """Number of the last event of that response that was taken."""
    noted: Callable[[str], Awaitable[None]] = field(default=_nowhere, repr=False)
    """Told the response id, before the answer is waited for."""

    @classmethod
    def of_row(cls, call_id: str, row: Mapping[str, str]) -> "Answer":
        """The complete answer that the ledger holds."""
        return cls(
            call_id=call_id,
            model=row.get("model", ""),
            parts=[row.get("text", "")],
            refusal=row.get("refusal", ""),
            finish_reason=row.get("finish_reason", ""),
            usage=Usage.of_row(row),
            finished=finished_of(row),
        )

    def as_kept(self) -> dict[str, str]:
        """What is kept of it for an identical request; `of_row` reads it again."""
        return {"text": self.text, "model": self.model, "finish_reason": self.finish_reason}

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def take(self, chunk: Any) -> str:
        """Adds a chunk of the stream; answers the text in it."""
        if not self.provider_id:
            self._take_head(chunk)
        if told := chunk.get("usage"):
            self.usage = Usage.of_provider(told)
        text = ""
        for choice in chunk.get("choices") or ():
            self.finish_reason = choice.get("finish_reason") or self.finish_reason
            delta = choice.get("delta") or {}
            self.refusal += delta.get("refusal") or ""
            text += delta.get("content") or ""
        if text:
            self.parts.append(text)
        return text

    def _take_head(self, chunk: dict[str, Any]) -> None:
        self.provider_id = chunk.get("id") or ""
        self.take_maker(chunk)

    def take_maker(self, told: Mapping[str, Any]) -> None:
        """Which model answers, and whether it is the offline one."""
        self.model = told.get("model") or self.model
        self.free = str(told.get("system_fingerprint")).startswith(OFFLINE)


class Provider:
    """One account at one server. Made inside the event loop; close it there."""

    resumes = False
    """Whether a call that was begun elsewhere can be followed by its response id."""

    def __init__(self, config: LoreConfig) -> None:
        self._cap = config.cap_parameter
        self._key = config.api_key
        self._timeout = httpx2.Timeout(config.read_timeout_s, connect=config.connect_timeout_s)
        self._client = AsyncOpenAI(
            api_key=config.api_key or "none",
            base_url=config.base_url or None,
            max_retries=0,
            http_client=DefaultAioHttpClient(
                trust_env=not _is_here(config.base_url),
                timeout=self._timeout,
                limits=httpx2.Limits(max_connections=CONNECTIONS, keepalive_expiry=IDLE_S),
                follow_redirects=False,
            ),
        )

    @property
    def address(self) -> str:
        return str(self._client.base_url)

    async def close(self) -> None:
        await self._client.close()

    async def ask(self, question: Question, answer: Answer, arrived: Callable[[str], None]) -> None:
        """Sends one request and fills `answer`; `arrived` is told each piece of text.

        Returns when the answer is complete. Raises ProviderProblem. To stop it, cancel it: that
        closes the connection.
        """
        body = self._body(question)
        try:
            stream = await self._client.post(
                "/chat/completions",
                cast_to=object,
                body=body,
                options=self._options(question.call_id),
                stream=True,
                stream_cls=AsyncStream[object],
            )
            async with stream:
                async for chunk in stream:
                    if text := answer.take(chunk):
                        arrived(text)
        except Exception as error:  # whatever a stream can throw: bad JSON, odd shapes, TLS
            if not answer.finish_reason:
                raise self._problem(error) from error
        if not answer.finish_reason:
            raise ProviderProblem("The provider's stream ended without a finish_reason")

    async def drop(self, answer: Answer) -> None:
        """Has the provider stop what it would go on with; here closing the connection did it."""

    def _options(self, call_id: str) -> RequestOptions:
        # All are given, because the SDK makes deep copies of its defaults, and a random key for
        # retries that there are none of; that key is sent nowhere.
        return {
            "headers": {"X-Call-Id": call_id},
            "max_retries": 0,
            "timeout": self._timeout,
            "idempotency_key": call_id,
        }

    def _body(self, question: Question) -> dict[str, Any]:
        shape = {"name": question.name, "strict": True, "schema": question.schema}
        return {
            "model": question.model,
            "messages": question.messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            "response_format": {"type": "json_schema", "json_schema": shape},
            self._cap: question.max_output_tokens,
        }

    def _problem(self, error: Exception) -> ProviderProblem:
        if isinstance(error, APIStatusError):
            return ProviderProblem(
                self._words(f"The provider answered {error.status_code}: {error.message}"),
                status=error.status_code,
                code=error.code or "",
                retry_after_ms=_retry_after_ms(error.response.headers),
            )
        roots = [*_causes(error)]
        if any(isinstance(root, NOT_SENT) for root in roots):
            return ProviderProblem(
                self._words(f"The provider cannot be reached: {roots[-1]}"), sent=False
            )
        if isinstance(error, APITimeoutError) and isinstance(roots[-1], TimeoutError):
            return ProviderProblem("The provider was silent for too long")
        if isinstance(error, APIError) and error.body is not None:
            return ProviderProblem(self._words(f"The provider broke off: {error.message}"))
        return ProviderProblem(self._words(f"The provider's answer broke off: {roots[-1]!r}"))

    def _words(self, message: str) -> str:
        return (message.replace(self._key, "…") if self._key else message)[:500]


def _is_here(base_url: str) -> bool:
    """Whether the server runs on this machine: then a proxy of the environment is not for it."""
    return is_loopback(httpx2.URL(base_url).host) if base_url else False


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, the root last."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _retry_after_ms(headers: httpx2.Headers) -> int:
    """When the provider wants to be asked again, in ms from now; 0 when it does not say."""
    try:
        if exact := headers.get("retry-after-ms"):
            return max(0, int(float(exact)))
        told = headers.get("retry-after", "")
        if not told:
            return 0
        if told.replace(".", "", 1).isdigit():
            return int(float(told) * 1000)
        return max(0, int((parsedate_to_datetime(told).timestamp() - time()) * 1000))
    except (ValueError, OverflowError):
        return 0
