"""Checks of the parameters of a chat completion: limits, stream, usage, schema modes, tools."""

from dataclasses import replace
from typing import Any

from loresmith.jobs.core.settings.providers import MaxTokensParameter, SchemaMode
from loresmith.lore_service.conformance.finding import Outcome, ProviderUnusable
from loresmith.lore_service.conformance.session import SHORT_TOKENS, Session
from loresmith.lore_service.providers.exchange import Reply
from loresmith.lore_service.providers.json_values import mapping, objects, parsed
from loresmith.lore_service.providers.request_form import (
    PROBED_MODES,
    PROBED_PARAMETERS,
    UNENFORCED,
)

LONG_PROMPT = "Write the numbers from 1 to 400 in words, one on each line."
SCHEMA_PROMPT = "Write one sentence about the sea."
SCHEMA_CODES = ("qz-41", "qz-73")
"""No model writes one of them by chance."""
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "enum": list(SCHEMA_CODES)},
        "waves": {"type": "integer"},
    },
    "required": ["code", "waves"],
    "additionalProperties": False,
}
TOOL_PROMPT = "What is the tide at Hull now? Call the function tide."
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "tide",
        "description": "Returns the tide at a place.",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}},
            "required": ["place"],
            "additionalProperties": False,
        },
    },
}
MAX_SHORT_CHARACTERS = 12 * SHORT_TOKENS
MAX_EXCERPT = 40


async def check_limits(session: Session) -> None:
    """Finds the parameters that limit the answer, whether it is streamed, and whether its usage
    is reported.

    Raises ProviderUnusable when the model does not exist, or nothing is accepted.
    """
    accepted: list[Reply] = []
    for parameter in PROBED_PARAMETERS:
        if reply := await _check_limit(session, parameter):
            accepted.append(reply)
    if not accepted:
        reasons = [reply.problem.message for reply in session.replies if reply.problem]
        raise ProviderUnusable(reasons[0])
    best = next(iter(session.report.max_tokens_parameters))
    session.form = replace(session.form, max_tokens_parameter=_parameter(best))
    _note_stream(session, accepted[0])
    _note_usage(session, accepted[-1])


async def _check_limit(session: Session, parameter: MaxTokensParameter) -> Reply | None:
    """Returns the reply of an accepted request."""
    check = f"limit: {parameter}"
    session.form = replace(session.form, max_tokens_parameter=parameter)
    reply = await session.send(session.body(LONG_PROMPT, max_tokens=SHORT_TOKENS))
    if reply.problem and session.form.asks_usage and "stream_options" in reply.problem.message:
        session.form = replace(session.form, asks_usage=False)
        reply = await session.send(session.body(LONG_PROMPT, max_tokens=SHORT_TOKENS))
    if reply.problem:
        session.add_problem(check, reply.problem)
        return None
    session.add(check, *_limit_outcome(reply))
    return reply


def _limit_outcome(reply: Reply) -> tuple[Outcome, str]:
    usage = reply.response.usage
    written = f"{usage.output_tokens} tokens" if usage else f"{len(reply.text)} characters"
    is_short = (
        usage.output_tokens <= SHORT_TOKENS if usage else len(reply.text) <= MAX_SHORT_CHARACTERS
    )
    if reply.response.finish_reason == "length":
        return "yes", f"the answer was cut at {written}"
    if is_short:
        return "not visible", f"the answer ended on its own after {written}"
    return "ignored", f"the limit was {SHORT_TOKENS} tokens, the answer has {written}"


def _parameter(name: str) -> MaxTokensParameter:
    return next(each for each in PROBED_PARAMETERS if each == name)


def _note_stream(session: Session, reply: Reply) -> None:
    if not reply.is_stream:
        session.add("streaming", "ignored", "one JSON document instead of events")
        return
    first = (
        "" if reply.first_text_s is None else f", the first text after {reply.first_text_s:.2f} s"
    )
    session.add("streaming", "yes", f"{len(reply.chunks)} events{first}")


def _note_usage(session: Session, reply: Reply) -> None:
    usage = reply.response.usage
    if usage:
        counts = f"{usage.input_tokens} tokens in, {usage.output_tokens} out"
        session.add("usage in streams", "yes", counts)
    elif session.form.asks_usage:
        session.add("usage in streams", "ignored", "costs are upper bounds")
    else:
        session.add("usage in streams", "rejected", "stream_options; costs are upper bounds")


async def check_schema_modes(session: Session) -> None:
    """Finds the modes in which the answer fits a schema."""
    for mode in PROBED_MODES["chat"]:
        await _check_schema_mode(session, mode)


async def _check_schema_mode(session: Session, mode: SchemaMode) -> None:
    check = f"schema: {mode}"
    reply = await session.send(session.body(SCHEMA_PROMPT, mode=mode, schema=SCHEMA))
    if reply.problem:
        session.add_problem(check, reply.problem)
    elif _fits(reply.text):
        followed = "the model followed it" if mode in UNENFORCED else "the answer fits"
        session.add(check, "yes", followed)
    elif reply.response.finish_reason == "length":
        session.add(check, "no", "the answer was cut off at its limit")
    elif mode == "json_object" and isinstance(parsed(reply.text), dict):
        session.add(check, "no", "JSON, which the model did not fit to the schema in the prompt")
    elif mode == "prompt":
        session.add(check, "no", f"the model did not follow it: {_excerpt(reply.text)}")
    else:
        session.add(check, "ignored", f"the answer does not fit: {_excerpt(reply.text)}")


def _fits(text: str) -> bool:
    value = mapping(parsed(text.strip()))
    is_whole = set(value) == {"code", "waves"} and value["code"] in SCHEMA_CODES
    return is_whole and isinstance(value["waves"], int)


async def check_tools(session: Session) -> None:
    """Finds whether the model may call a function by its own choice."""
    body = session.body(TOOL_PROMPT) | {"tools": [TOOL], "tool_choice": "auto"}
    reply = await session.send(body)
    calls = [call for chunk in reply.chunks for call in _tool_calls(chunk)]
    if reply.problem:
        session.add_problem("tools", reply.problem)
    elif calls:
        name = next((n for call in calls if (n := mapping(call.get("function")).get("name"))), "")
        is_ours = name == "tide"
        session.add("tools", "yes" if is_ours else "no", f"calls {name or 'no function by name'}")
    else:
        session.add("tools", "no", f"text instead of a call: {_excerpt(reply.text)}")


def _tool_calls(chunk: dict[str, Any]) -> list[dict[str, Any]]:
    messages = [
        mapping(choice.get(part))
        for choice in objects(chunk.get("choices"))
        for part in ("delta", "message")
    ]
    return [call for message in messages for call in objects(message.get("tool_calls"))]


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    return repr(words if len(words) <= MAX_EXCERPT else f"{words[:MAX_EXCERPT]}…")
