"""A job as OpenAI's chat completion: whole, and in the chunks of a stream."""

from typing import Any

from pydantic_core import from_json, to_json

from loresmith.api.openai_compat.ids import CHAT, model_of, object_id
from loresmith.jobs.core.damaged_record import read_intact
from loresmith.jobs.core.job_record import Record

DONE = b"data: [DONE]\n\n"
Json = dict[str, Any]


def chat_completion(record: Record) -> Json:
    """Returns the object of a completed job. Raises DamagedRecord."""
    return read_intact(f"job {record['id']}", lambda: _completion(record))


def _completion(record: Record) -> Json:
    result = from_json(record["result"])
    message = {"role": "assistant", "content": result["content"], "refusal": result["refusal"]}
    if result["tool_calls"]:
        message["tool_calls"] = [tool_call(call) for call in result["tool_calls"]]
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": result["finish_reason"],
    }
    common = _common(record, "chat.completion")
    return {
        **common,
        "choices": [choice],
        "usage": chat_usage(record),
        "metadata": from_json(record.get("metadata", "{}")),
    }


def chat_usage(record: Record) -> Json:
    """Returns the tokens of a job."""
    usage = from_json(record.get("usage") or "{}")
    prompt, completion = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": usage.get("cached_tokens", 0)},
        "completion_tokens_details": {"reasoning_tokens": usage.get("reasoning_tokens", 0)},
    }


def tool_call(call: Json) -> Json:
    """Returns a call of the result in OpenAI's form."""
    function = {"name": call["name"], "arguments": call["arguments"]}
    return {"id": call["id"], "type": "function", "function": function}


class ChatChunks:
    """Encodes the chunks of one stream."""

    def __init__(self, record: Record, *, with_usage: bool) -> None:
        self._with_usage = with_usage
        common = _common(record, "chat.completion.chunk")
        self._common = common | {"usage": None} if with_usage else common

    def role(self) -> bytes:
        """Returns the first chunk."""
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def text(self, text: str) -> bytes:
        """Returns a part of the text."""
        return self._chunk({"content": text})

    def end(self, record: Record, rest: str) -> bytes:
        """Returns what remains of a completed job, with the `rest` of its text."""
        result = from_json(record["result"])
        parts = [self.text(rest)] if rest else []
        if result["refusal"]:
            parts.append(self._chunk({"refusal": result["refusal"]}))
        if calls := result["tool_calls"]:
            numbered = [{"index": i, **tool_call(call)} for i, call in enumerate(calls)]
            parts.append(self._chunk({"tool_calls": numbered}))
        parts.append(self._chunk({}, result["finish_reason"]))
        if self._with_usage:
            parts.append(_data(self._common | {"choices": [], "usage": chat_usage(record)}))
        return b"".join((*parts, DONE))

    def _chunk(self, delta: Json, finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _data(self._common | {"choices": [choice]})


def error_part(error: Json) -> bytes:
    """Encodes an error within a stream."""
    return _data(error)


def _common(record: Record, kind: str) -> Json:
    return {
        "id": object_id(CHAT, record["id"]),
        "object": kind,
        "created": int(record["created_ms"]) // 1000,
        "model": model_of(record),
        "service_tier": "default",
        "system_fingerprint": None,
    }


def _data(value: Json) -> bytes:
    return b"data: " + to_json(value) + b"\n\n"
