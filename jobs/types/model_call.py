"""Specifications of model calls: input, prompt, output schema and validation."""

import hashlib
import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from loresmith.jobs.core.messages import Message
from loresmith.jobs.types.strict_schema import strict_schema

InputT = TypeVar("InputT", bound=BaseModel)
OutputT = TypeVar("OutputT", bound=BaseModel)


class Messages(Protocol):
    """What a request says to the model."""

    def messages(self) -> list[Message]:
        """Returns the messages of a request."""


@dataclass(frozen=True)
class Prompt:
    """The messages for the model: system instruction and user request."""

    system: str
    user: str

    def messages(self) -> list[Message]:
        """Returns the messages of a request."""
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.user},
        ]


@dataclass(frozen=True)
class Answer:
    """A complete answer as the provider gave it."""

    text: str
    finish_reason: str
    """`stop`, `length`, `content_filter`, `error`, or a provider's own word."""
    refusal: str = ""
    tool_calls: tuple[dict[str, str], ...] = ()
    """Each with id, name and arguments."""


@dataclass(frozen=True)
class ModelCallSpec(Generic[InputT, OutputT]):
    """Specifies a model call: input, prompt, and the output that must come back."""

    name: str
    """Unique among all specs; sent to the lore_service."""
    input: type[InputT]
    output: type[OutputT]
    prompt: Callable[[InputT], Messages]
    max_output_tokens: Callable[[InputT], int]
    """Upper bound of the output tokens, sent to the provider; it bounds the price."""
    items: str | None = None
    """The output field that lists entities; each is published once it is complete."""
    count: Callable[[InputT], int] | None = None
    """The number of entities that list must have."""
    example: InputT | None = None
    """A valid input; its prompt is part of the fingerprint."""

    def __post_init__(self) -> None:
        self._strict  # noqa: B018  fails at start-up where no strict schema fits the output

    def schema(self, input: InputT, finished: int = 0) -> dict[str, Any] | None:
        """Returns the JSON Schema of the output, for the requested number of items without the
        `finished` ones; None where any text will do.
        """
        if not (self.items and self.count):
            return self._strict
        missing, fields = self.count(input) - finished, self._strict["properties"]
        items = {**fields[self.items], "minItems": missing, "maxItems": missing}
        return {**self._strict, "properties": {**fields, self.items: items}}

    def parse(self, input: InputT, text: str, finished: Sequence[str] = ()) -> OutputT:
        """Parses the model's text, with the JSON texts of earlier `finished` items put first.

        Raises ValueError that says what does not fit.
        """
        if finished and self.items:
            text = _joined(text, self.items, finished)
        output = self.output.model_validate_json(text)
        if self.items and self.count:
            count, expected = len(getattr(output, self.items)), self.count(input)
            if count != expected:
                raise ValueError(f"{self.items}: exactly {expected} were asked for, not {count}")
        return output

    def is_strict(self, input: InputT) -> bool:
        """Whether the provider can hold the answer to the schema."""
        return True

    def is_repaired(self, input: InputT) -> bool:
        """Whether an answer that does not fit is asked for again, once."""
        return True

    def parameters(self, input: InputT) -> dict[str, Any]:
        """Returns further fields of the request's body."""
        return {}

    def accept(self, input: InputT, answer: Answer) -> OutputT | None:
        """Returns the output of an answer that is taken as it is; None if its text is parsed."""
        return None

    def sample(self, value: Any) -> OutputT:
        """Returns the output with a value that fits the schema, or a text, for estimates."""
        return self.output.model_validate(value)

    def is_item(self, value: Any) -> bool:
        """Whether a value is a valid item of the list."""
        try:
            self._item.validate_python(value)
        except ValidationError:
            return False
        return True

    @cached_property
    def _item(self) -> TypeAdapter[Any]:
        return TypeAdapter(get_args(self.output.model_fields[self.items or ""].annotation)[0])

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the prompt (its source, and its text for the example) or a schema."""
        schemas = [self.input.model_json_schema(), self.output.model_json_schema()]
        prompt = vars(self.prompt(self.example)) if self.example else None
        text = json.dumps([schemas, prompt, inspect.getsource(self.prompt)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def _strict(self) -> dict[str, Any]:
        return strict_schema(self.output)


def _joined(text: str, field: str, finished: Sequence[str]) -> str:
    """Puts the finished items before those of the JSON text."""
    answer = from_json(text)
    if isinstance(answer, dict) and isinstance(answer.get(field), list):
        answer[field] = [*map(from_json, finished), *answer[field]]
    return to_json(answer).decode()
