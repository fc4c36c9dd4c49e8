"""Parses the format that a request wants its answer in, for both interfaces."""

import json
import re
from dataclasses import dataclass
from typing import Any

from loresmith.offline_model.server.errors import InvalidParameter
from loresmith.offline_model.server.request import checks
from loresmith.offline_model.server.request.strict_rules import check_object_schema, check_strict

TYPES = ("json_object", "json_schema", "text")

SCHEMA_IN_PROMPT = re.compile(r"JSON schema[^{]{0,100}\{", re.IGNORECASE)


@dataclass(frozen=True)
class AnswerFormat:
    """Free text, JSON, or JSON that fits a schema."""

    schema: dict[str, Any] | None = None
    name: str = ""
    wants_json: bool = False
    """Requests JSON without a schema."""


def parse_chat_format(payload: dict[str, Any], prompt: str) -> AnswerFormat:
    """Reads `response_format` of a chat completion. Raises InvalidParameter."""
    response_format = checks.mapping(payload.get("response_format"), "response_format")
    place = "response_format.json_schema"
    if response_format.get("type") == "json_schema" and not response_format.get("json_schema"):
        raise checks.missing(place)
    schema = checks.mapping(response_format.get("json_schema"), place)
    parsed = _parse(response_format, schema, "response_format", place, ("response_format", None))
    if parsed.wants_json and "json" not in prompt.lower():
        raise InvalidParameter(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of "
            "type 'json_object'.",
            "messages",
        )
    return parsed


def parse_response_format(payload: dict[str, Any], prompt: str) -> AnswerFormat:
    """Reads `text.format` of a response. Raises InvalidParameter."""
    text = checks.mapping(payload.get("text"), "text")
    text_format = checks.mapping(text.get("format"), "text.format")
    strict_error = ("text.format.schema", "invalid_json_schema")
    parsed = _parse(text_format, text_format, "text.format", "text.format", strict_error)
    if parsed.wants_json and "json" not in prompt.lower():
        raise InvalidParameter(
            "Response input messages must contain the word 'json' in some form to use "
            "'text.format' of type 'json_object'.",
            "input",
        )
    return parsed


def schema_in(prompt: str) -> dict[str, Any] | None:
    """Returns the schema that follows the words "JSON Schema" in a prompt; None without one."""
    for match in SCHEMA_IN_PROMPT.finditer(prompt):
        try:
            schema, _ = json.JSONDecoder().raw_decode(prompt, match.end() - 1)
        except (ValueError, RecursionError):
            continue
        if isinstance(schema, dict) and schema.keys() & {"type", "properties", "$ref", "anyOf"}:
            return schema
    return None


def _parse(
    text_format: dict[str, Any],
    json_schema: dict[str, Any],
    place: str,
    schema_place: str,
    strict_error: tuple[str, str | None],
) -> AnswerFormat:
    if not text_format:
        return AnswerFormat()
    format_type = checks.one_of(text_format.get("type"), TYPES, f"{place}.type")
    if format_type != "json_schema":
        return AnswerFormat(wants_json=format_type == "json_object")
    name = checks.name(json_schema.get("name"), f"{schema_place}.name")
    schema = checks.mapping(json_schema.get("schema"), f"{schema_place}.schema")
    if json_schema.get("strict") is True:
        check_object_schema(schema, f"response_format '{name}'", *strict_error)
        check_strict(schema, f"response_format '{name}'", *strict_error)
    return AnswerFormat(schema, name)
