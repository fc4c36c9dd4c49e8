"""The JSON of the Responses interface: a response as it stands, and the events of its stream."""

from typing import Any

from lore_service.offline.answer import LABEL, tokens
from lore_service.offline.runs import OPENING, Run

REASONS = {"length": "max_output_tokens", "content_filter": "content_filter"}


def response(run: Run, status: str | None = None) -> dict[str, Any]:
    """The response as it stands; or as it stood when it had this status."""
    status = status or run.status
    question, reason = run.order.question, run.order.answer.finish_reason
    ended = status in ("completed", "incomplete")
    return {
        "id": run.id,
        "object": "response",
        "created_at": int(run.created_at),
        "status": status,
        "background": question.background,
        "model": question.model,
        "system_fingerprint": LABEL,
        "error": None,
        "incomplete_details": {"reason": REASONS[reason]} if status == "incomplete" else None,
        "instructions": None,
        "metadata": question.metadata,
        "output": [_message(run, status, run.text)] if ended or run.written else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": _usage(run) if ended or status == "cancelled" else None,
    }


def event(run: Run, number: int) -> dict[str, Any]:
    """Event `number` of the stream."""
    at = number - OPENING
    if 0 <= at < len(run.order.pieces):
        made = _part_event(run, "output_text.delta", delta=run.order.pieces[at], logprobs=[])
    elif at < 0:
        made = _opening(run, number)
    else:
        made = _closing(run, at - len(run.order.pieces))
    return {**made, "sequence_number": number}


def _opening(run: Run, number: int) -> dict[str, Any]:
    if number < 2:
        begun = {**response(run, "in_progress"), "output": []}
        return {"type": ("response.created", "response.in_progress")[number], "response": begun}
    if number == 2:
        item = {**_message(run, "in_progress", ""), "content": []}
        return {"type": "response.output_item.added", "output_index": 0, "item": item}
    return _part_event(run, "content_part.added", part=_part(run, ""))


def _closing(run: Run, number: int) -> dict[str, Any]:
    answer = run.order.answer
    if number == 0 and answer.refusal:
        return _part_event(run, "refusal.done", refusal=answer.refusal)
    if number == 0:
        return _part_event(run, "output_text.done", text=answer.text, logprobs=[])
    if number == 1:
        return _part_event(run, "content_part.done", part=_part(run, answer.text))
    if number == 2:
        item = _message(run, run.end, answer.text)
        return {"type": "response.output_item.done", "output_index": 0, "item": item}
    return {"type": f"response.{run.end}", "response": response(run, run.end)}


def _part_event(run: Run, sort: str, **more: Any) -> dict[str, Any]:
    where = {"item_id": _item_id(run), "output_index": 0, "content_index": 0}
    return {"type": f"response.{sort}", **where, **more}


def _message(run: Run, status: str, text: str) -> dict[str, Any]:
    return {
        "id": _item_id(run),
        "type": "message",
        "role": "assistant",
        "status": "incomplete" if status == "cancelled" else status,
        "content": [_part(run, text)],
    }


def _part(run: Run, text: str) -> dict[str, Any]:
    if run.order.answer.refusal:
        return {"type": "refusal", "refusal": run.order.answer.refusal}
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _item_id(run: Run) -> str:
    return run.id.replace("resp_", "msg_")


def _usage(run: Run) -> dict[str, Any]:
    asked = run.order.answer.input_tokens
    said = tokens(run.text or run.order.answer.refusal)
    return {
        "input_tokens": asked,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": said,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": asked + said,
    }
