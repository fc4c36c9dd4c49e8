"""Reads chat completions, in chunks or whole, into a response.

A response has one text. The first of content, tool arguments and legacy text that arrives is passed
on at once; what arrives beside it is added at the end, so that no paid text is lost.
"""

from collections.abc import Callable, Iterator
from typing import Any

from loresmith.jobs.core.text import valid_text
from loresmith.lore_service.providers.json_values import (
    TextJoiner,
    dumped,
    field_text,
    mapping,
    objects,
    whole_number,
)
from loresmith.lore_service.providers.reading.finish_reasons import finish_reason
from loresmith.lore_service.providers.response import ProviderResponse

CONTENT, REFUSAL, REASONING = "content", "refusal", "reasoning"
TEXT_PARTS = (None, "text", "output_text")
MAX_TOOL_CALLS = 128
"""As many as OpenAI takes tools in a request."""
CONTENT_FIELDS = {"type", "text", "content", "value"}
Channel = tuple[int, str]
"""Number of the choice, and the kind of text."""


class CompletionReader:
    """Adds what arrives to a response, and passes its text to `on_text`."""

    def __init__(self, response: ProviderResponse, on_text: Callable[[str], None]) -> None:
        self.has_started = False
        """Whether a choice of a completion has arrived."""
        self.is_done = False
        """Whether the provider has said that the stream ends."""
        self._response = response
        self._on_text = on_text
        self._live: Channel | None = None
        self._joiner = TextJoiner()
        self._waiting: dict[Channel, list[str]] = {}
        self._messages: dict[int, dict[str, Any]] = {}
        self._finish_reasons: dict[int, str] = {}
        self._calls: dict[int, dict[str, str]] = {}
        """The newest tool call of each index."""

    def read(self, chunk: dict[str, Any]) -> None:
        """Reads one chunk, or a whole completion."""
        response = self._response
        if not response.provider_id:
            response.provider_id = field_text(chunk.get("id"))
            response.set_model(chunk)
        for position, choice in enumerate(objects(chunk.get("choices"))):
            self._read_choice(whole_number(choice.get("index", position)) or 0, choice)
        response.add_usage(chunk.get("usage") or mapping(chunk.get("x_groq")).get("usage"))

    @property
    def may_be_bought(self) -> bool:
        """Whether a part of a completion, or its usage, has arrived."""
        return self.has_started or self._response.usage is not None

    @property
    def has_content(self) -> bool:
        """Whether a text of any kind, or the usage, has arrived."""
        response = self._response
        return bool(self._live or self._waiting or response.usage or response.tool_calls)

    def forget_end(self) -> None:
        """Forgets how the response ended and what it used: it was cut off behind them."""
        self._response.finish_reason, self._response.usage = "", None

    def finish(self) -> None:
        """Adds what waits, and drops a usage that the text contradicts, or that came too early."""
        is_ended = self._response.finish_reason or self.is_done
        if not (is_ended and self._response.is_usage_final):
            self._response.usage = None
        if not self._live and (message := self._messages.get(0)):
            self._read_message(0, message)
        self._pass_on(self._joiner.end())
        for choice, kind in [*self._waiting]:
            if choice == 0 and kind not in (REASONING, REFUSAL):
                self._append((choice, kind))
        self._response.refusal += self._joined((0, REFUSAL))
        response = self._response
        if not (response.text.strip() or response.refusal or response.tool_calls):
            self._use_substitute()
        self._response.check_usage()

    def _read_choice(self, number: int, choice: dict[str, Any]) -> None:
        self.has_started = True
        if reason := finish_reason(choice.get("finish_reason")):
            self._finish_reasons[number] = reason
            if number == 0:
                self._response.finish_reason = reason
        if usage := choice.get("usage"):
            self._response.add_usage(usage)
        delta = choice.get("delta")
        self._read_message(number, {"content": delta} if isinstance(delta, str) else mapping(delta))
        # Some servers send the text of a delta a second time, by its legacy name.
        if "content" not in mapping(delta) and isinstance(text := choice.get("text"), str):
            self._add((number, CONTENT), text)
        if message := mapping(choice.get("message")):
            self._messages[number] = message

    def _read_message(self, number: int, message: dict[str, Any]) -> None:
        takes_calls = self._response.takes_tool_calls
        if takes_calls and number == 0:
            self._read_tool_calls(message)
        for kind, piece in _pieces(message, with_tools=not takes_calls):
            self._add((number, kind), piece)

    def _read_tool_calls(self, message: dict[str, Any]) -> None:
        """Adds the pieces of tool calls, each to the call of its index."""
        for position, piece in enumerate(objects(message.get("tool_calls"))):
            index = whole_number(piece.get("index", position)) or 0
            function, identifier = mapping(piece.get("function")), field_text(piece.get("id"))
            name, arguments = field_text(function.get("name")), function.get("arguments") or ""
            if (call := self._call_of(index, identifier, name)) is None:
                continue
            call["id"] = call["id"] or identifier
            call["name"] = call["name"] or name
            call["arguments"] += arguments if isinstance(arguments, str) else dumped(arguments)

    def _call_of(self, index: int, identifier: str, name: str) -> dict[str, str] | None:
        """Returns the call that a piece belongs to; a new one where it begins. Some servers number
        from 1, or give all calls the same index. None: there are too many calls.
        """
        calls, call = self._response.tool_calls, self._calls.get(index)
        is_another = call and call["id"] and name and identifier not in ("", call["id"])
        if call and not is_another:
            return call
        if not (name or identifier) or len(calls) >= MAX_TOOL_CALLS:
            return None
        calls.append({"id": "", "name": "", "arguments": ""})
        self._calls[index] = calls[-1]
        return calls[-1]

    def _add(self, channel: Channel, piece: str) -> None:
        number, kind = channel
        if not self._live and number == 0 and kind not in (REASONING, REFUSAL):
            self._live = channel
        if channel == self._live:
            self._pass_on(self._joiner.add(piece))
        else:
            self._waiting.setdefault(channel, []).append(piece)

    def _pass_on(self, text: str) -> None:
        if text:
            self._response.text_parts.append(text)
            self._on_text(text)

    def _append(self, channel: Channel) -> None:
        separator = "\n" if self._response.text else ""
        self._pass_on(separator + self._joined(channel))

    def _joined(self, channel: Channel) -> str:
        return valid_text("".join(self._waiting.pop(channel, [])))

    def _use_substitute(self) -> None:
        """Uses another choice or a JSON answer among the reasoning: there is no other text."""
        for number, message in self._messages.items():
            if number and not any(waiting[0] == number for waiting in self._waiting):
                self._read_message(number, message)
        for number, kind in [*self._waiting]:
            is_answer = kind not in (REASONING, REFUSAL) and number > 0
            is_thought = kind == REASONING and self._response.asks_json
            if is_answer or (is_thought and "{" in "".join(self._waiting[number, kind])):
                self._append((number, kind))
                self._response.finish_reason = self._response.finish_reason or (
                    self._finish_reasons.get(number, "")
                )
                return


def _pieces(message: dict[str, Any], *, with_tools: bool) -> Iterator[tuple[str, str]]:
    """Yields kind and text of all texts in a delta or message, and of tool calls if asked."""
    if text := _content(message.get("content")):
        yield CONTENT, text
    if text := _content(message.get("refusal")):
        yield REFUSAL, text
    if text := _content(message.get("reasoning_content") or message.get("reasoning")):
        yield REASONING, text
    if not with_tools:
        return
    calls = enumerate(objects(message.get("tool_calls")))
    functions = [(call.get("index", number), call.get("function")) for number, call in calls]
    for number, function in [*functions, (0, message.get("function_call"))]:
        arguments = mapping(function).get("arguments") or ""
        if text := arguments if isinstance(arguments, str) else dumped(arguments):
            yield f"tool {field_text(number)}", text


def _content(value: Any) -> str:
    """Joins the text parts of a content, which may be a text, a part, or a list of either."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(_content, value))
    part = mapping(value)
    if part.get("type") not in TEXT_PARTS:
        return ""
    if part and not CONTENT_FIELDS & part.keys():  # an answer that the server has parsed
        return dumped(part)
    text = part.get("text", part.get("content", part.get("value")))
    return _content(text) if text is not value else ""
