"""The fields that each interface accepts, and the checks of those that are simple values."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from loresmith.offline_model.server.errors import InvalidParameter
from loresmith.offline_model.server.request import checks

Check = Callable[[Any, str], Any]

MAX_STOPS = 4
MAX_TOP_LOGPROBS = 20
MAX_LOGIT_BIAS = 100
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


def _boolean(value: Any, param: str) -> None:
    if not isinstance(value, bool):
        raise checks.wrong_type(param, "a boolean", value)


def _no_check(value: Any, param: str) -> None:
    """Accepts a field that another module reads, or that changes nothing."""


def _range(low: float, high: float | None = None, *, is_integer: bool = False) -> Check:
    return lambda value, param: checks.number(value, param, low, high, is_integer=is_integer)


def _one_of(*choices: str) -> Check:
    return lambda value, param: checks.one_of(value, choices, param)


def _stop(value: Any, param: str) -> None:
    if not isinstance(value, str):
        for stop in checks.array(value, param, maximum=MAX_STOPS):
            checks.text(stop, param)


def _logit_bias(value: Any, param: str) -> None:
    for token, bias in checks.mapping(value, param).items():
        if not token.isdecimal():
            message = f"Invalid key in '{param}': {token[:100]}. You should only be submitting "
            raise InvalidParameter(f"{message}non-negative integers.", param)
        checks.number(bias, f"{param}.{token}", -MAX_LOGIT_BIAS, MAX_LOGIT_BIAS)


def _only_one(value: Any, param: str) -> None:
    checks.number(value, param, 1, 128, is_integer=True)
    if value != 1:
        _unsupported(value, param)


def _unsupported(value: Any, param: str) -> None:
    raise InvalidParameter(
        f"Unsupported value: '{param}' does not support {str(value)[:100]} with this model.",
        param,
        "unsupported_value",
    )


def _only_text(value: Any, param: str) -> None:
    if checks.array(value, param) != ["text"]:
        _unsupported(value, param)


_positive = _range(1, is_integer=True)
SHARED: Mapping[str, Check] = {
    **dict.fromkeys(("model", "user", "safety_identifier", "prompt_cache_key"), checks.text),
    **dict.fromkeys(("metadata", "stream_options", "moderation"), checks.mapping),
    **dict.fromkeys(("stream", "store", "parallel_tool_calls"), _boolean),
    **dict.fromkeys(("tools", "tool_choice", "prompt_cache_options"), _no_check),
    "prompt_cache_retention": checks.text,
    "service_tier": checks.text,
    "temperature": _range(0, 2),
    "top_p": _range(0, 1),
    "top_logprobs": _range(0, MAX_TOP_LOGPROBS, is_integer=True),
}
CHAT: Mapping[str, Check] = {
    **SHARED,
    **dict.fromkeys(("frequency_penalty", "presence_penalty"), _range(-2, 2)),
    **dict.fromkeys(("max_tokens", "max_completion_tokens"), _positive),
    **dict.fromkeys(("messages", "response_format"), _no_check),
    **dict.fromkeys(("audio", "functions", "function_call", "web_search_options"), _unsupported),
    "logit_bias": _logit_bias,
    "logprobs": _boolean,
    "modalities": _only_text,
    "n": _only_one,
    "prediction": checks.mapping,
    "reasoning_effort": _one_of(*EFFORTS),
    "seed": partial(checks.number, low=-(2**63), high=2**63 - 1, is_integer=True),
    "stop": _stop,
    "verbosity": _one_of("low", "medium", "high"),
}
RESPONSES: Mapping[str, Check] = {
    **SHARED,
    **dict.fromkeys(("input", "text"), _no_check),
    **dict.fromkeys(("conversation", "prompt", "context_management"), _unsupported),
    **dict.fromkeys(("access_programs", "background_options", "reasoning"), checks.mapping),
    "background": _boolean,
    "include": checks.array,
    "instructions": checks.text,
    "max_output_tokens": _positive,
    "max_tool_calls": _positive,
    "previous_response_id": checks.text,
    "truncation": _one_of("auto", "disabled"),
}


def check_chat(payload: dict[str, Any]) -> None:
    """Checks the fields of a chat completion. Raises InvalidParameter."""
    unknown = [field for field in payload if field not in CHAT]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        names = ", ".join(unknown)[:500]
        raise InvalidParameter(f"Unrecognized request argument{plural} supplied: {names}", None)
    _check_values(payload, CHAT)
    if payload.get("top_logprobs") is not None and not payload.get("logprobs"):
        message = "'top_logprobs' is only allowed when 'logprobs' is true."
        raise InvalidParameter(message, "top_logprobs")
    if payload.get("stream_options") is not None and not payload.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise InvalidParameter(message, "stream_options")
    if payload.get("max_tokens") is not None and payload.get("max_completion_tokens") is not None:
        message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not allowed"
        raise InvalidParameter(f"{message}.", "max_tokens", "invalid_parameter_combination")


def check_response(payload: dict[str, Any]) -> None:
    """Checks the fields of a response. Raises InvalidParameter."""
    if unknown := next((field for field in payload if field not in RESPONSES), None):
        message = f"Unknown parameter: '{unknown[:100]}'."
        raise InvalidParameter(message, unknown[:100], "unknown_parameter")
    _check_values(payload, RESPONSES)
    if payload.get("background") and payload.get("store") is False:
        raise InvalidParameter("Background mode requires 'store' to be true.", "store")


def _check_values(payload: dict[str, Any], fields: Mapping[str, Check]) -> None:
    for field, value in payload.items():
        if value is not None:
            fields[field](value, field)
