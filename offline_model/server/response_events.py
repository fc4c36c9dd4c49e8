"""Represents a stored response and the events of its stream as JSON."""

from typing import Any

from loresmith.offline_model.server.completion import LABEL
from loresmith.offline_model.server.request.conversation import count_tokens
from loresmith.offline_model.server.response_store import OPENING_EVENTS, StoredResponse

INCOMPLETE_REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}


def response_json(response: StoredResponse, status: str | None = None) -> dict[str, Any]:
    """Returns the response in its current status, or in an earlier one."""
    status = status or response.status
    request = response.accepted.request
    reason = INCOMPLETE_REASONS.get(response.accepted.completion.finish_reason)
    is_complete = status in ("completed", "incomplete")
    has_output = is_complete or response.chunks_written
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
        "instructions": None,
        "metadata": request.metadata,
        "output": [_message(response, status, response.text)] if has_output else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": _usage(response) if is_complete or status == "cancelled" else None,
    }


def event_json(response: StoredResponse, number: int) -> dict[str, Any]:
    """Returns one event of the stream, by its number."""
    chunks = response.accepted.chunks
    chunk_number = number - OPENING_EVENTS
    if chunk_number < 0:
        event = _opening_event(response, number)
    elif chunk_number < len(chunks):
        event = _part_event(response, "output_text.delta", delta=chunks[chunk_number], logprobs=[])
    else:
        event = _closing_event(response, chunk_number - len(chunks))
    return {**event, "sequence_number": number}


def _opening_event(response: StoredResponse, number: int) -> dict[str, Any]:
    if number < 2:
        body = {**response_json(response, "in_progress"), "output": []}
        return {"type": ("response.created", "response.in_progress")[number], "response": body}
    if number == 2:
        item = {**_message(response, "in_progress", ""), "content": []}
        return {"type": "response.output_item.added", "output_index": 0, "item": item}
    return _part_event(response, "content_part.added", part=_part(response, ""))


def _closing_event(response: StoredResponse, number: int) -> dict[str, Any]:
    completion, status = response.accepted.completion, response.final_status
    if number == 0 and completion.refusal:
        return _part_event(response, "refusal.done", refusal=completion.refusal)
    if number == 0:
        return _part_event(response, "output_text.done", text=completion.text, logprobs=[])
    if number == 1:
        return _part_event(response, "content_part.done", part=_part(response, completion.text))
    if number == 2:
        item = _message(response, status, completion.text)
        return {"type": "response.output_item.done", "output_index": 0, "item": item}
    return {"type": f"response.{status}", "response": response_json(response, status)}


def _part_event(response: StoredResponse, event_type: str, **fields: Any) -> dict[str, Any]:
    position = {"item_id": _item_id(response), "output_index": 0, "content_index": 0}
    return {"type": f"response.{event_type}", **position, **fields}


def _message(response: StoredResponse, status: str, text: str) -> dict[str, Any]:
    return {
        "id": _item_id(response),
        "type": "message",
        "role": "assistant",
        "status": "incomplete" if status == "cancelled" else status,
        "content": [_part(response, text)],
    }


def _part(response: StoredResponse, text: str) -> dict[str, Any]:
    if refusal := response.accepted.completion.refusal:
        return {"type": "refusal", "refusal": refusal}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _item_id(response: StoredResponse) -> str:
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
