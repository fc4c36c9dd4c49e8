"""Query strings as pydantic models: one declaration validates, parses and documents them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, core_schema
from starlette.datastructures import QueryParams

from loresmith.api.http.params import Parameter, not_one_of
from loresmith.api.http.problems import parameter, truncated, validation_error

INTEGER = re.compile(r"[0-9]{1,9}")
RFC3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
FLAGS = {"true": True, "1": True, "false": False, "0": False}
TIME = "must be a time like 2026-11-23T10:00:00Z (in a URL, + is %2B)"


class QueryModel(BaseModel):
    """Base of query strings. Field aliases are the names of the parameters."""

    model_config = ConfigDict(frozen=True)

    REPEATABLE: ClassVar[frozenset[str]] = frozenset()
    """Parameters that may be given several times; of the others the last one counts."""
    STRICT: ClassVar[bool] = False
    """Reject unknown parameters, and repeated ones that are not repeatable."""

    @classmethod
    def from_query(cls, query: QueryParams) -> Self:
        """Validates a query string. Raises Problem with an error for each invalid parameter."""
        if cls.STRICT:
            cls._reject_unknown(query)
        names = [name for name in cls._names() if name in query]
        values = {
            name: query.getlist(name) if name in cls.REPEATABLE else query[name] for name in names
        }
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            details = error.errors(include_url=False)
            raise validation_error(
                *(parameter(str(each["loc"][0]), _message(each)) for each in details)
            ) from None

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """Returns the parameters for the OpenAPI document."""
        schema = cls.model_json_schema()
        required = schema.get("required", ())
        return tuple(
            _parameter(name, dict(property), required=name in required)
            for name, property in schema["properties"].items()
        )

    @classmethod
    def _names(cls) -> list[str]:
        return [field.alias or name for name, field in cls.model_fields.items()]

    @classmethod
    def _reject_unknown(cls, query: QueryParams) -> None:
        names = cls._names()
        if unknown := [name for name in query if name not in names]:
            detail = f"unknown parameter; the known parameters are {', '.join(sorted(names))}"
            raise validation_error(*(parameter(truncated(name), detail) for name in unknown))
        repeated = [name for name in query if len(query.getlist(name)) > 1]
        if repeated := [name for name in repeated if name not in cls.REPEATABLE]:
            raise validation_error(
                *(parameter(name, "may be given only once") for name in repeated)
            )


class StrictQueryModel(QueryModel):
    """Base of query strings of requests that change something: `?dryrun=1` must not delete."""

    STRICT: ClassVar[bool] = True


@dataclass(frozen=True)
class OneOf:
    """Annotation of a text that is one of a few."""

    allowed: tuple[str, ...]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "enum": list(self.allowed)}

    def _check(self, value: str) -> str:
        if value not in self.allowed:
            raise ValueError(not_one_of(self.allowed, value))
        return value


@dataclass(frozen=True)
class CommaSeparated:
    """Annotation of a set of words, in one text with commas or in several texts."""

    allowed: tuple[str, ...]
    empty: bool = True
    """Ignore empty words instead of rejecting them."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._parse)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string"}

    def _parse(self, value: str | Iterable[str]) -> frozenset[str]:
        texts = [value] if isinstance(value, str) else value
        words = [word.strip() for text in texts for word in text.split(",")]
        if self.empty:
            words = [word for word in words if word]
        for word in words:
            if word not in self.allowed:
                raise ValueError(not_one_of(self.allowed, word))
        return frozenset(words)


def _rfc3339(value: Any) -> Any:
    """Rejects what pydantic would take for a time too, for example a number."""
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise ValueError(TIME)
    return value


def _utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError(TIME) from None


def _integer(value: Any) -> Any:
    if isinstance(value, str) and not INTEGER.fullmatch(value):
        raise ValueError(f"must be a whole number, not {truncated(value)!r}")
    return value


def _flag(value: Any) -> bool:
    if value not in FLAGS:
        raise ValueError(not_one_of(FLAGS, str(value)))
    return FLAGS[value]


Integer = Annotated[int, BeforeValidator(_integer)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Time = Annotated[AwareDatetime, BeforeValidator(_rfc3339), AfterValidator(_utc)]


def _parameter(name: str, schema: dict[str, Any], *, required: bool) -> Parameter:
    description = schema.pop("description", "")
    schema.pop("title", None)
    if not schema.get("default", True):
        schema.pop("default", None)
    for option in schema.pop("anyOf", ()):
        if option != {"type": "null"}:
            schema = option | schema
    return Parameter(name, "query", description, schema, required)


def _message(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "is required"
    if error["type"] == "value_error":
        return error["msg"].removeprefix("Value error, ")
    if error["type"].startswith(("datetime", "timezone")):
        return TIME
    return (
        error["msg"]
        .replace("Input should be", "must be", 1)
        .replace("String should have", "must have", 1)
    )
