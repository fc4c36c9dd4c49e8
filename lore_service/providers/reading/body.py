"""Reads the body of a response: server-sent events, or a JSON document although events were asked.

A response is complete at its finish reason and usage. A server may keep the connection open.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

from pydantic_core import from_json

from loresmith.lore_service.providers.errors import ProviderProblem, is_busy
from loresmith.lore_service.providers.json_values import dumped, mapping, objects, parsed
from loresmith.lore_service.providers.reading.completion import CompletionReader
from loresmith.lore_service.providers.reading.provider_errors import ProviderError, is_error
from loresmith.lore_service.providers.reading.sse import (
    BYTE_ORDER_MARK,
    EventDecoder,
    ServerSentEvent,
)
from loresmith.lore_service.providers.response import ProviderResponse

USAGE_TIMEOUT_S = 2.0
"""How long a usage may arrive after the finish reason."""
END_TIMEOUT_S = 0.1
"""How long a complete response may take to end: a usage may be corrected."""
MAX_BODY_BYTES = 256 * 1024 * 1024
MAX_START_BYTES = 4_096
DONE = "[DONE]"
NO_TEXT = re.compile(r":|event:|id:|retry:|data:\s*\[DONE\]")
"""Lines of an event stream that hold no text for people."""


class BodyDecoder:
    """Turns the bytes of a body into events. A JSON document is one event."""

    def __init__(self) -> None:
        self.start = b""
        """The first bytes, which may be an error in plain text."""
        self.is_cut_off = False
        """Whether it is a JSON document without its end."""
        self._events = EventDecoder()
        self._document: list[bytes] | None = None
        self._unrecognized: bytes | None = b""
        self._size = 0

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Returns the events that the chunk completes. Raises ProviderProblem above 256 MB."""
        self._size += len(chunk)
        if self._size > MAX_BODY_BYTES:
            raise ProviderProblem("The provider's response is longer than 256 MB.")
        if len(self.start) < MAX_START_BYTES:
            self.start += chunk[:MAX_START_BYTES]
        if self._unrecognized is not None:
            chunk = self._unrecognized + chunk
            text = chunk.removeprefix(BYTE_ORDER_MARK).lstrip()
            if BYTE_ORDER_MARK.startswith(text):  # empty, too
                self._unrecognized = chunk
                return []
            self._unrecognized = None
            self._document = [] if text[:1] in b'{[<"' else None
        if self._document is None:
            return self._events.feed(chunk)
        self._document.append(chunk)
        return self._whole_document() if chunk.rstrip().endswith((b"}", b"]")) else []

    def finish(self) -> list[ServerSentEvent]:
        """Returns the events that the end of the body completes."""
        if self._document is None:
            return self._events.finish()
        if events := self._whole_document():
            return events
        text = self._document_text()
        if lines := [line for line in text.splitlines() if mapping(parsed(line))]:
            return [ServerSentEvent(line) for line in lines]
        try:
            beginning = from_json(text, allow_partial="trailing-strings")
        except ValueError:
            return []
        self.is_cut_off = isinstance(beginning, dict | list)
        return [ServerSentEvent(dumped(beginning))] if self.is_cut_off else []

    @property
    def is_document(self) -> bool:
        return self._document is not None

    @property
    def start_text(self) -> str:
        return self.start.removeprefix(BYTE_ORDER_MARK).decode(errors="replace")

    def _document_text(self) -> str:
        body = b"".join(self._document or [])
        return body.removeprefix(BYTE_ORDER_MARK).decode(errors="replace")

    def _whole_document(self) -> list[ServerSentEvent]:
        """Returns the document once it is whole: a kept-open connection does not delay it."""
        text = self._document_text()
        if text.count("{") != text.count("}") and not text.endswith("]"):
            return []
        if not isinstance(parsed(text), dict | list):
            return []
        self._document = []
        return [ServerSentEvent(text)]


class StreamEnd:
    """Decides when a complete response is no longer waited for."""

    def __init__(self, response: ProviderResponse) -> None:
        self._response = response
        self._timeout = asyncio.timeout(None)
        self._pieces = 0
        self._is_done = False

    async def __aenter__(self) -> "StreamEnd":
        await self._timeout.__aenter__()
        return self

    async def __aexit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        try:
            await self._timeout.__aexit__(kind, error, traceback)
        except TimeoutError:
            if not self._timeout.expired():
                raise
            return True
        return False

    def note(self, *, is_done: bool) -> None:
        """Notes that an event has arrived."""
        response, pieces = self._response, len(self._response.text_parts)
        is_longer, self._pieces = pieces > self._pieces, pieces
        self._is_done = self._is_done or is_done
        if not (self._is_done or response.finish_reason):
            return
        is_first = self._timeout.when() is None
        is_complete = self._is_done or (response.is_usage_final and (is_first or not is_longer))
        limit = asyncio.get_running_loop().time()
        limit += END_TIMEOUT_S if is_complete else USAGE_TIMEOUT_S
        if is_first or is_longer or limit < (self._timeout.when() or limit):
            self._timeout.reschedule(limit)


async def read_completion(
    chunks: AsyncIterator[bytes], reader: CompletionReader, response: ProviderResponse
) -> None:
    """Reads a chat completion to its end. Raises ProviderProblem for an error in its place."""
    decoder = BodyDecoder()
    async with StreamEnd(response) as end:
        try:
            async for chunk in chunks:
                for event in decoder.feed(chunk):
                    end.note(is_done=_read_event(event, reader))
        except BaseException:
            with suppress(ProviderProblem):  # the first problem counts
                _read_rest(decoder, reader)
            raise
        _read_rest(decoder, reader)
    if not (reader.may_be_bought or decoder.is_cut_off):
        raise_problem(decoder)


def _read_rest(decoder: BodyDecoder, reader: CompletionReader) -> None:
    for event in decoder.finish():
        _read_event(event, reader)
    if decoder.is_cut_off:
        reader.forget_end()
    elif decoder.is_document:
        reader.is_done = True


def _read_event(event: ServerSentEvent, reader: CompletionReader) -> bool:
    """Reads an event; returns whether it ends the stream. Raises ProviderProblem for an error."""
    if event.data.startswith(DONE):
        reader.is_done = True
        return True
    for body in json_objects(event.data):
        failed = is_error(body) or event.name == "error"
        if not failed or _has_text(body):
            reader.read(body)
        if failed:
            raise _problem(ProviderError.of_json(body), reader)
    if event.name == "error":
        raise _problem(ProviderError.of_text(event.data), reader)
    return False


def _has_text(body: dict[str, Any]) -> bool:
    choices = objects(body.get("choices"))
    return any(each.get("message") or mapping(each.get("delta")).get("content") for each in choices)


def _problem(error: ProviderError, reader: CompletionReader) -> ProviderProblem:
    """Describes an error. After a part of a completion it may be bought, whatever its code says;
    an empty start of one may precede the words of a provider that is busy.
    """
    problem = error.as_answer()
    is_answer = reader.may_be_bought and (reader.has_content or not is_busy(problem))
    return ProviderProblem(problem.message) if is_answer else problem


def raise_problem(decoder: BodyDecoder) -> None:
    """Raises a body that holds no completion as a problem.

    Not one of comments alone, nor several events in a dialect that we do not know: those may be
    an answer.
    """
    lines = [line for line in decoder.start_text.splitlines() if not NO_TEXT.match(line)]
    events = [line for line in lines if mapping(parsed(line.removeprefix("data:")))]
    if len(events) > 1 and not decoder.is_document:
        return
    text = "\n".join(line.removeprefix("data:") for line in lines).strip()
    error = ProviderError.of_text(text)
    if error.words or error.is_web_page or decoder.is_document:
        raise error.as_answer()


def json_objects(data: str) -> Iterator[dict[str, Any]]:
    """Yields the JSON objects of an event. Some servers send one in each line."""
    value = parsed(data)
    if value is None and "\n" in data:
        for line in data.split("\n"):
            yield from objects(parsed(line))
    yield from objects(value)
