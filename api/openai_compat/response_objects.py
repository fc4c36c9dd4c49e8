"""A job as OpenAI's response object."""

from typing import Any

from pydantic_core import from_json

from loresmith.api.http.openai_errors import JOB_STATUSES
from loresmith.api.openai_compat.ids import RESPONSE, model_of, object_id
from loresmith.jobs.core.damaged_record import read_intact
from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.status import Status

Json = dict[str, Any]
STATUSES = {
    Status.PENDING: "queued",
    Status.PROCESSING: "in_progress",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
    Status.SKIPPED: "cancelled",
}
INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
"""Why an answer is incomplete, by its finish reason."""
ECHOED = (
    "instructions", "max_output_tokens", "previous_response_id", "prompt_cache_key",
    "prompt_cache_retention", "safety_identifier", "temperature", "top_p", "user",
)  # fmt: skip


def response_object(record: Record, *, status: str | None = None) -> Json:
    """Returns the object of a job as it is, or as it was while it had `status`.

    Raises DamagedRecord.
    """
    return read_intact(f"job {record['id']}", lambda: _response(record, status))


def _response(record: Record, status: str | None) -> Json:
    payload = from_json(record["payload"])
    result = from_json(record["result"]) if "result" in record and not status else None
    reason = INCOMPLETE.get(result["finish_reason"]) if result else None
    now = status or ("incomplete" if reason else STATUSES[Status(record["status"])])
    ended_ms = record.get("completed_ms") if now == "completed" else None
    return {
        "id": object_id(RESPONSE, record["id"]),
        "object": "response",
        "created_at": int(record["created_ms"]) // 1000,
        "completed_at": int(ended_ms) // 1000 if ended_ms else None,
        "status": now,
        "background": payload.get("background", False),
        "error": _error(record) if now == "failed" else None,
        "incomplete_details": {"reason": reason} if reason else None,
        "model": model_of(record),
        "output": [] if status else output_items(record),
        "parallel_tool_calls": payload.get("parallel_tool_calls", True),
        "reasoning": {"effort": None, "summary": None} | payload.get("reasoning", {}),
        "store": record.get("store") != "0",
        "text": {"format": {"type": "text"}} | payload.get("text", {}),
        "tool_choice": payload.get("tool_choice", "auto"),
        "tools": payload.get("tools", []),
        "truncation": "disabled",
        "service_tier": "default",
        "usage": _usage(record) if result else None,
        "metadata": from_json(record.get("metadata", "{}")),
        **{name: payload.get(name) for name in ECHOED},
    }


def output_items(record: Record) -> list[Json]:
    """Returns what the model has answered; of a job without a result, the text that there is."""
    if "result" not in record:
        text = (from_json(record.get("partial_result") or "null") or {}).get("text")
        return [message_item(record, [text_part(text)], "incomplete")] if text else []
    result = from_json(record["result"])
    status = "incomplete" if result["finish_reason"] in INCOMPLETE else "completed"
    calls = [call_item(record, i, call) for i, call in enumerate(result["tool_calls"])]
    parts = message_parts(result)
    return [message_item(record, parts, status), *calls] if parts else calls


def message_parts(result: Json) -> list[Json]:
    """Returns the parts of the message of a result."""
    texts = [] if result["content"] is None else [text_part(result["content"])]
    return [*texts, refusal_part(result["refusal"])] if result["refusal"] else texts


def text_part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def refusal_part(refusal: str) -> Json:
    return {"type": "refusal", "refusal": refusal}


def message_item(record: Record, parts: list[Json], status: str) -> Json:
    return {
        "id": object_id("msg_", record["id"]),
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": parts,
    }


def call_item(record: Record, index: int, call: Json, status: str = "completed") -> Json:
    return {
        "id": f"{object_id('fc_', record['id'])}{index:02d}",
        "type": "function_call",
        "call_id": call["id"],
        "name": call["name"],
        "arguments": call["arguments"],
        "status": status,
    }


def _usage(record: Record) -> Json:
    usage = from_json(record.get("usage") or "{}")
    read, written = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
    cached = {"cached_tokens": usage.get("cached_tokens", 0), "cache_write_tokens": 0}
    return {
        "input_tokens": read,
        "input_tokens_details": cached,
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": usage.get("reasoning_tokens", 0)},
        "total_tokens": read + written,
    }


def _error(record: Record) -> Json:
    detail = from_json(record.get("error_detail") or "{}")
    status = JOB_STATUSES.get(detail.get("code", ""), 502)
    code = {400: "invalid_prompt", 429: "rate_limit_exceeded"}.get(status, "server_error")
    return {"code": code, "message": record.get("error") or "The job failed."}
