"""Reads responses that are written in the background: their events, or the stored whole."""

from collections.abc import Callable, Iterator
from typing import Any

from loresmith.jobs.core.text import sentence, valid_text
from loresmith.lore_service.providers.errors import ProviderProblem
from loresmith.lore_service.providers.json_values import (
    TextJoiner,
    dumped,
    field_text,
    mapping,
    objects,
    whole_number,
)
from loresmith.lore_service.providers.reading.body import json_objects
from loresmith.lore_service.providers.reading.finish_reasons import finish_reason
from loresmith.lore_service.providers.reading.provider_errors import ProviderError, is_error
from loresmith.lore_service.providers.reading.sse import ServerSentEvent
from loresmith.lore_service.providers.response import ProviderResponse

ENDED = ("completed", "incomplete")
FAILED = ("failed", "cancelled", "canceled", "expired")
"""Statuses that end a response without an answer."""
STATUSES = ("queued", "in_progress", *ENDED, *FAILED)
DELTA = "response.output_text.delta"


class ResponseFailed(ProviderProblem):
    """The provider has ended the response without an answer."""


class BackgroundReader:
    """Adds what arrives to a response, and passes its text to `on_text`."""

    def __init__(self, response: ProviderResponse, on_text: Callable[[str], None]) -> None:
        self.response = response
        self._on_text = on_text
        self._joiner = TextJoiner()

    def read(self, event: ServerSentEvent) -> None:
        """Reads an event, or a stored response. Raises ProviderProblem for an error."""
        for body in json_objects(event.data):
            if is_error(body) and body.get("status") not in STATUSES:
                raise self._problem(ProviderError.of_json(body))
            if body.get("type") == DELTA:
                self._read_delta(body)
            elif stored := mapping(body.get("response")):
                self._read_number(body)
                self.read_stored(stored)
            elif "status" in body or "output" in body:
                self.read_stored(body)

    def read_stored(self, body: dict[str, Any]) -> None:
        """Reads a response as the provider has stored it. Raises ProviderProblem if it failed."""
        response = self.response
        if identifier := field_text(body.get("id")):
            response.response_id = response.provider_id = identifier
        response.set_model(body)
        response.add_usage(body.get("usage"))
        status = field_text(body.get("status", "completed")).lower()
        if status in FAILED:
            reason = ProviderError.of_json(body).words or status
            raise ResponseFailed(f"The provider did not finish the response: {sentence(reason)}")
        if status in ENDED:
            if response.takes_tool_calls:
                response.tool_calls[:] = _tool_calls(body)
            text = _texts(body, "text", with_tools=not response.takes_tool_calls)
            self._replace_text("".join(text))
            response.refusal = "".join(_texts(body, "refusal", with_tools=False))
            details = mapping(body.get("incomplete_details"))
            default = "stop" if status == "completed" else "length"
            response.finish_reason = finish_reason(details.get("reason")) or default

    def finish(self) -> None:
        """Ends the text, and drops a usage that it contradicts."""
        self._pass_on(self._joiner.end())
        self.response.check_usage()

    def _read_delta(self, event: dict[str, Any]) -> None:
        delta = event.get("delta")
        if self._read_number(event) and isinstance(delta, str):
            self._pass_on(self._joiner.add(delta))

    def _read_number(self, event: dict[str, Any]) -> bool:
        """Returns whether the event is new: a stream may begin with known ones."""
        number = whole_number(event.get("sequence_number"))
        if number is None or number <= self.response.last_event:
            return False
        self.response.last_event = number
        return True

    def _replace_text(self, text: str) -> None:
        """Takes the stored text, and passes on what no event had."""
        known = self.response.text
        if text.startswith(known):
            self._joiner = TextJoiner()
            self._pass_on(text[len(known) :])
        elif text:
            self.response.text_parts[:] = [text]

    def _pass_on(self, text: str) -> None:
        if text:
            self.response.text_parts.append(text)
            self._on_text(text)

    def _problem(self, error: ProviderError) -> ProviderProblem:
        problem = error.as_answer()
        problem.no_completion = not self.response.response_id
        return problem


def _texts(body: dict[str, Any], field: str, *, with_tools: bool) -> Iterator[str]:
    """Yields a field of all parts of the messages, and the arguments of functions if asked."""
    for item in objects(body.get("output")):
        for part in objects(item.get("content")):
            if text := part.get(field):
                yield _whole_text(text)
        if with_tools and item.get("type") == "function_call":
            yield _whole_text(item.get("arguments") or "")


def _tool_calls(body: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "id": field_text(item.get("call_id")),
            "name": field_text(item.get("name")),
            "arguments": _whole_text(item.get("arguments") or ""),
        }
        for item in objects(body.get("output"))
        if item.get("type") == "function_call"
    ]


def _whole_text(value: Any) -> str:
    return valid_text(value) if isinstance(value, str) else dumped(value)
