"""What the finish reasons of all providers mean. Case does not matter."""

import re
from typing import Any

from loresmith.lore_service.providers.json_values import field_text

MEANINGS = {
    "stop": (
        *("end_turn", "stop_sequence", "eos", "eos_token", "end", "complete", "completed"),
        *("finish", "finished", "done", "success", "tool_calls", "tool_use", "function_call"),
    ),
    "length": (
        *("max_tokens", "max_output_tokens", "max_completion_tokens", "max_length", "token_limit"),
        *("model_length", "context_length", "context_length_exceeded", "context_window_exceeded"),
        *("model_context_window_exceeded", "max_new_tokens", "length_limit", "truncated"),
        *("max_token", "maxtokens", "max_tokens_reached", "max_tokens_exceeded"),
    ),
    "content_filter": (
        *("safety", "refusal", "refused", "recitation", "blocklist", "prohibited_content", "spii"),
        *("content_filtered", "content_policy", "content_policy_violation", "guardrail"),
        *("guardrail_intervened", "image_safety", "moderation", "sensitive", "blocked", "filtered"),
        *("error_toxic", "language", "contentfilter"),
    ),
    "error": (
        *("error_limit", "failed", "failure", "network_error", "malformed_function_call"),
        *("internal_error", "server_error", "abort", "aborted", "cancelled", "canceled", "timeout"),
        *("insufficient_system_resource", "unexpected_tool_call", "model_error", "exception"),
    ),
}
"""Meaning → other names of it."""
BY_NAME = {name: meaning for meaning, names in MEANINGS.items() for name in (meaning, *names)}
CAMEL_CASE = re.compile("(?<=[a-z])(?=[A-Z])")
UNFINISHED = ("null", "none", "", "unspecified", "in_progress", "not_finished", "continue")
PREFIXES = ("finish_reason_", "finishreason.", "stop_reason_")


def finish_reason(value: Any) -> str:
    """Returns stop, length, content_filter or error; an unknown reason as it is; empty for none."""
    if not value:
        return ""
    text = CAMEL_CASE.sub("_", field_text(value).strip()).lower()
    text = text.replace("-", "_").replace(" ", "_")
    for prefix in PREFIXES:
        text = text.removeprefix(prefix)
    return "" if text in UNFINISHED else BY_NAME.get(text, text)
