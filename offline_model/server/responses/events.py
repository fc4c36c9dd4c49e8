"""Represents a stored response and the events of its stream as JSON."""

from typing import Any

from loresmith.offline_model.server.completion import LABEL
from loresmith.offline_model.server.request.conversation import count_tokens
from loresmith.offline_model.server.responses.output import FIRST_ITEM_EVENT, OutputItem
from loresmith.offline_model.server.responses.store import StoredResponse

REPEATED_FIELDS = (
    *("instructions", "max_output_tokens", "max_tool_calls", "previous_response_id"),
    *("prompt_cache_key", "safety_identifier", "user"),
)
"""Fields of the request that the response repeats; null without them."""
DEFAULTS = {
    **{"temperature": 1.0, "top_p": 1.0, "parallel_tool_calls": True, "tool_choice": "auto"},
    **{"tools": [], "truncation": "disabled", "store": True, "service_tier": "default"},
}
INCOMPLETE_REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}


def response_json(response: StoredResponse, status: str | None = None) -> dict[str, Any]:
    """Returns the response in its current status, or in an earlier one."""
    status = status or response.status
    request = response.accepted.request
    reason = INCOMPLETE_REASONS.get(response.accepted.completion.finish_reason)
    is_complete = status in ("completed", "incomplete")
    written = len(response.accepted.chunks) if is_complete else response.chunks_written
    items = [item for item in response.items if is_complete or written > item.first_chunk]
    return {
        "id": response.id,
        "object": "response",
        "created_at": int(response.created_at),
        "status": status,
        "background": request.background,
        "model": request.model,
        "system_fingerprint": LABEL,
        "error": None,
        "incomplete_details": {"reason": reason} if status == "incomplete" else None,
        **{name: request.payload.get(name) for name in REPEATED_FIELDS},
        **{
            name: default if request.payload.get(name) is None else request.payload[name]
            for name, default in DEFAULTS.items()
        },
        "text": {"format": {"type": "text"}, **(request.payload.get("text") or {})},
        "metadata": request.metadata,
        "output": [_item(response, item, written, status) for item in items],
        "usage": _usage(response) if is_complete or status == "cancelled" else None,
    }


def event_json(response: StoredResponse, number: int) -> dict[str, Any]:
    """Returns one event of the stream, by its number."""
    item = response.item_of(number)
    if item is None:
        event = _response_event(response, number)
    elif item.call:
        event = _call_event(response, item, number)
    else:
        event = _message_event(response, item, number)
    return {**event, "sequence_number": number}


def _response_event(response: StoredResponse, number: int) -> dict[str, Any]:
    if number < FIRST_ITEM_EVENT:
        body = {**response_json(response, "in_progress"), "output": []}
        return {"type": ("response.created", "response.in_progress")[number], "response": body}
    status = response.final_status
    return {"type": f"response.{status}", "response": response_json(response, status)}


def _message_event(response: StoredResponse, item: OutputItem, number: int) -> dict[str, Any]:
    completion, chunk = response.accepted.completion, item.chunks_before(number) - 1
    match number - item.first_event, number - item.closing_event:
        case 0, _:
            return _item_event(response, item, "added", 0, "in_progress")
        case 1, _:
            return _part_event(response, item, "content_part.added", part=_part(response, ""))
        case _, 0 if completion.refusal:
            return _part_event(response, item, "refusal.done", refusal=completion.refusal)
        case _, 0:
            text = completion.text
            return _part_event(response, item, "output_text.done", text=text, logprobs=[])
        case _, 1:
            part = _part(response, completion.text)
            return _part_event(response, item, "content_part.done", part=part)
        case _, 2:
            return _item_event(response, item, "done", item.end_chunk, response.final_status)
        case _:
            delta = response.accepted.chunks[chunk]
            return _part_event(response, item, "output_text.delta", delta=delta, logprobs=[])


def _call_event(response: StoredResponse, item: OutputItem, number: int) -> dict[str, Any]:
    chunk = item.chunks_before(number) - 1
    position = {"item_id": _item_id(response, item), "output_index": item.index}
    prefix = "response.function_call_arguments"
    match number - item.first_event, number - item.closing_event:
        case 0, _:
            return _item_event(response, item, "added", item.first_chunk, "in_progress")
        case _, 0:
            arguments = _text(response, item, item.end_chunk)
            name = item.call.name if item.call else ""
            return {"type": f"{prefix}.done", **position, "name": name, "arguments": arguments}
        case _, 1:
            return _item_event(response, item, "done", item.end_chunk, response.final_status)
        case _:
            delta = response.accepted.chunks[chunk]
            return {"type": f"{prefix}.delta", **position, "delta": delta}


def _item_event(
    response: StoredResponse, item: OutputItem, change: str, written: int, status: str
) -> dict[str, Any]:
    body = _item(response, item, written, status)
    if change == "added" and not item.call:
        body["content"] = []
    event_type = f"response.output_item.{change}"
    return {"type": event_type, "output_index": item.index, "item": body}


def _part_event(
    response: StoredResponse, item: OutputItem, event_type: str, **fields: Any
) -> dict[str, Any]:
    position = {"item_id": _item_id(response, item), "output_index": 0, "content_index": 0}
    return {"type": f"response.{event_type}", **position, **fields}


def _item(response: StoredResponse, item: OutputItem, written: int, status: str) -> dict[str, Any]:
    """Returns an item when `written` chunks of the response are written."""
    text = _text(response, item, written)
    status = "incomplete" if status == "cancelled" else status
    if item.call is None:
        return {
            "id": _item_id(response, item),
            "type": "message",
            "role": "assistant",
            "status": status,
            "content": [_part(response, text)],
        }
    is_last = item is response.items[-1]
    return {
        "id": _item_id(response, item),
        "type": "function_call",
        "call_id": item.call.id,
        "name": item.call.name,
        "arguments": text,
        "status": "completed" if written >= item.end_chunk and not is_last else status,
    }


def _text(response: StoredResponse, item: OutputItem, written: int) -> str:
    return "".join(response.accepted.chunks[item.first_chunk : min(written, item.end_chunk)])


def _part(response: StoredResponse, text: str) -> dict[str, Any]:
    if refusal := response.accepted.completion.refusal:
        return {"type": "refusal", "refusal": refusal}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _item_id(response: StoredResponse, item: OutputItem) -> str:
    if item.call:
        return f"{response.id.replace('resp_', 'fc_')}{item.index:02x}"
    return response.id.replace("resp_", "msg_")


def _usage(response: StoredResponse) -> dict[str, Any]:
    completion = response.accepted.completion
    output_tokens = count_tokens(response.text or completion.refusal)
    return {
        "input_tokens": completion.input_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": completion.input_tokens + output_tokens,
    }
