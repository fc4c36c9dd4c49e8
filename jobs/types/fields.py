"""Base models and field types of payloads and outputs."""

import re
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""Control characters that terminals and PostgreSQL do not take; \\n, \\r and \\t are allowed."""


PRINTABLE_PATTERN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
"""The same rule for JSON Schema."""


def _printable(text: str) -> str:
    if bad := CONTROL.search(text):
        raise ValueError(f"control character U+{ord(bad[0]):04X} is not allowed")
    return text


def _without_controls(value: Any) -> Any:
    if isinstance(value, str):
        return CONTROL.sub("", value)
    if isinstance(value, list):
        return [_without_controls(part) for part in value]
    if isinstance(value, dict):
        return {name: _without_controls(part) for name, part in value.items()}
    return value


class Printable:
    """Annotation of a text without control characters; its JSON Schema has the same rule."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_printable, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"pattern": PRINTABLE_PATTERN}


Text = Annotated[str, Printable()]
"""A string from a client that every store and terminal can hold."""


class Payload(BaseModel):
    """Base of payloads: an unknown field is an error that names it."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, frozen=True, allow_inf_nan=False
    )


class Output(BaseModel):
    """Base of model outputs. No defaults and no dicts: strict schemas do not allow them.

    Drops control characters, which models write now and then, instead of paying for a new call.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _drop_controls(cls, data: Any) -> Any:
        return _without_controls(data)


class CountedPayload(Payload):
    """A request for a number of entities."""

    count: int = Field(default=3, ge=1, le=10, strict=True, description="How many to write")
