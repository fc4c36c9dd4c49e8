"""Encodes a chat completion as the events of a stream."""

import json
import time
from typing import Any

from loresmith.offline_model.server.completion import LABEL, FunctionCall
from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.request.conversation import CHARACTERS_PER_TOKEN
from loresmith.offline_model.server.request_handler import AcceptedRequest


class ChunkEncoder:
    """Encodes the events of a stream; encodes their common fields once."""

    def __init__(self, accepted: AcceptedRequest) -> None:
        self._accepted = accepted
        self._calls = {call.start: call for call in accepted.completion.tool_calls}
        self._call_number = -1
        common = json.dumps(head(accepted, "chat.completion.chunk"), ensure_ascii=False)
        self._head = common[:-1] + ", "

    def first_event(self) -> bytes:
        """Returns the event with the role."""
        return self._event({"role": "assistant", "content": None if self._calls else ""})

    def text_event(self, chunk: str, position: int) -> bytes:
        """Returns the event of a chunk that begins at a position of the text.

        The first chunk of a tool call is preceded by the event with its id and name.
        """
        if not self._accepted.completion.tool_calls:
            logprobs = token_logprobs(self._accepted.request, chunk)
            return self._event({"content": chunk}, logprobs=logprobs)
        opening = b""
        if call := self._calls.pop(position, None):
            self._call_number += 1
            function = {"name": call.name, "arguments": ""}
            opening = self._call_event({**call_head(call), "function": function})
        return opening + self._call_event({"function": {"arguments": chunk}})

    def last_events(self) -> bytes:
        """Returns the finish reason, the usage if it is requested, and the end."""
        completion = self._accepted.completion
        events = self._event({"refusal": completion.refusal}) if completion.refusal else b""
        events += self._event({}, finish_reason=completion.finish_reason)
        if self._accepted.request.include_usage:
            last = json.dumps(usage(self._accepted))
            events += f'data: {self._head}"choices":[],"usage":{last}}}\n\n'.encode()
        return events + b"data: [DONE]\n\n"

    def _call_event(self, fields: dict[str, Any]) -> bytes:
        return self._event({"tool_calls": [{"index": self._call_number, **fields}]})

    def _event(
        self,
        delta: dict[str, Any],
        *,
        logprobs: dict[str, Any] | None = None,
        finish_reason: str | None = None,
    ) -> bytes:
        choice: dict[str, Any] = {"index": 0, "delta": delta}
        if logprobs:
            choice["logprobs"] = logprobs
        choice["finish_reason"] = finish_reason
        encoded = json.dumps(choice, ensure_ascii=False, separators=(",", ":"))
        return f'data: {self._head}"choices":[{encoded}]}}\n\n'.encode()


def call_head(call: FunctionCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function"}


def token_logprobs(request: CompletionRequest, text: str) -> dict[str, Any] | None:
    """Returns the log probabilities of the tokens if they are requested.

    A token is four characters here, and certain: the same request has the same text.
    """
    if not request.payload.get("logprobs"):
        return None
    starts = range(0, len(text), CHARACTERS_PER_TOKEN)
    tokens = [_certain_token(text[start : start + CHARACTERS_PER_TOKEN]) for start in starts]
    has_alternatives = bool(request.payload.get("top_logprobs"))
    return {
        "content": [{**token, "top_logprobs": [token] * has_alternatives} for token in tokens],
        "refusal": None,
    }


def _certain_token(token: str) -> dict[str, Any]:
    return {"token": token, "logprob": 0.0, "bytes": list(token.encode())}


def head(accepted: AcceptedRequest, object_type: str) -> dict[str, Any]:
    """Returns the fields that all objects of a completion share."""
    return {
        "id": f"chatcmpl-{accepted.completion.digest[:24]}",
        "object": object_type,
        "created": int(time.time()),
        "model": accepted.request.model,
        "system_fingerprint": LABEL,
    }


def usage(accepted: AcceptedRequest) -> dict[str, Any]:
    """Returns the token usage."""
    input_tokens = accepted.completion.input_tokens
    output_tokens = accepted.completion.output_tokens
    return {
        "prompt_tokens": input_tokens,
        "completion_tokens": output_tokens,
        "total_tokens": input_tokens + output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }
