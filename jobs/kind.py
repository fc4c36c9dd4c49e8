"""What a job type is made of: a Kind, its Steps, and the Recipes of its model calls."""

import hashlib
import inspect
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json, to_json

from jobs.context import Context
from jobs.strict import strict_schema

InputT = TypeVar("InputT", bound=BaseModel)
OutputT = TypeVar("OutputT", bound=BaseModel)
PayloadT = TypeVar("PayloadT", bound=BaseModel)


CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What no terminal should be sent and PostgreSQL does not take; \\n, \\r and \\t are welcome."""


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


Text = Annotated[str, AfterValidator(_printable)]
"""A string from a client that every store and terminal can hold."""


class Payload(BaseModel):
    """Base of what a client sends: unknown fields are an error that names them."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, frozen=True, allow_inf_nan=False
    )


class Output(BaseModel):
    """Base of what a model writes. No defaults and no dicts: strict schemas do not allow them.

    Control characters, which models write now and then, are dropped rather than paid for again.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _drop_controls(cls, data: Any) -> Any:
        return _without_controls(data)


class CountedPayload(Payload):
    """A request for a number of entities."""

    count: int = Field(default=3, ge=1, le=10, strict=True, description="How many to write")


CountedT = TypeVar("CountedT", bound=CountedPayload)


@dataclass(frozen=True)
class Prompt:
    """What a model is told: the standing instruction, and the request itself."""

    system: str
    user: str

    def messages(self) -> list[dict[str, str]]:
        """The messages of a request."""
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.user},
        ]


@dataclass(frozen=True)
class Recipe(Generic[InputT, OutputT]):
    """One sort of model call: what goes in, how it is asked for, what must come out."""

    name: str
    """Unique among all recipes; what the worker names to the lore_service."""
    input: type[InputT]
    output: type[OutputT]
    prompt: Callable[[InputT], Prompt]
    max_output_tokens: Callable[[InputT], int]
    """Upper bound of the answer in tokens; sent to the provider, so that the price has a bound."""
    items: str | None = None
    """The field of the output that is a list of entities, to be shown as they are finished."""
    count: Callable[[InputT], int] | None = None
    """How many entities that list must hold."""
    example: InputT | None = None
    """An input that works; its prompt is part of the fingerprint."""

    def __post_init__(self) -> None:
        self._strict  # noqa: B018  an output that no strict schema can say stops the start

    def schema(self, input: InputT, finished: int = 0) -> dict[str, Any]:
        """The JSON Schema to hold the model to: strict, with as many items as were asked for, less
        those that are `finished`.
        """
        if not (self.items and self.count):
            return self._strict
        wanted, fields = self.count(input) - finished, self._strict["properties"]
        items = {**fields[self.items], "minItems": wanted, "maxItems": wanted}
        return {**self._strict, "properties": {**fields, self.items: items}}

    def parse(self, input: InputT, text: str, finished: Sequence[str] = ()) -> OutputT:
        """The output in a model's answer, after the items that were `finished` before, as JSON
        texts. Raises ValueError that says what does not fit.
        """
        if finished and self.items:
            text = _joined(text, self.items, finished)
        output = self.output.model_validate_json(text)
        if self.items and self.count:
            found, wanted = len(getattr(output, self.items)), self.count(input)
            if found != wanted:
                raise ValueError(f"{self.items}: exactly {wanted} were asked for, not {found}")
        return output

    def is_item(self, value: Any) -> bool:
        """Whether a value fits as one of the list's items."""
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
        """Changes with the prompt (as written, and as it reads for the example) or a schema."""
        schemas = [self.input.model_json_schema(), self.output.model_json_schema()]
        spoken = vars(self.prompt(self.example)) if self.example else None
        text = json.dumps([schemas, spoken, inspect.getsource(self.prompt)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def _strict(self) -> dict[str, Any]:
        return strict_schema(self.output)


def _joined(text: str, field: str, finished: Sequence[str]) -> str:
    """The answer with the finished items before its own."""
    answer = from_json(text)
    if isinstance(answer, dict) and isinstance(answer.get(field), list):
        answer[field] = [*map(from_json, finished), *answer[field]]
    return to_json(answer).decode()


@dataclass(frozen=True)
class Step:
    """A named part of a job; its output is checkpointed, and it takes its share of the bar."""

    name: str
    message: str
    """What a person reads while it runs, for example "Generating characters..."."""
    expected_s: float


@dataclass(frozen=True)
class Kind(Generic[PayloadT]):
    """A job type, whole: what a client sends, what comes back, and how it is made."""

    name: str
    title: str
    description: str
    payload: type[PayloadT]
    result: Any
    """The type of the result, for its JSON Schema."""
    steps: tuple[Step, ...]
    finalizing: str
    """What a person reads after the calls, for example "Finalizing characters..."."""
    recipes: tuple[Recipe[Any, Any], ...]
    """Those that are this kind's own; a kind may call the recipes of others."""
    run: Callable[[PayloadT, Context], Any]
    """Makes the result (JSON-able) out of the payload; all it asks of the world is Context."""
    timeout_s: float = 90.0
    example: dict[str, Any] | None = None
    """A payload that works, for documentation and forms."""

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"{self.name}: a job type needs steps, each with a name of its own")

    @property
    def expected_s(self) -> float:
        """Seconds that such a job usually takes, before there is any history."""
        return sum(step.expected_s for step in self.steps)

    @property
    def message(self) -> str:
        """What a person reads when the job starts."""
        return self.steps[0].message

    def result_schema(self) -> dict[str, Any]:
        """JSON Schema of the result."""
        return TypeAdapter(self.result).json_schema()


def generation(
    *,
    name: str,
    noun: str,
    description: str,
    payload: type[CountedT],
    output: type[OutputT],
    items: str,
    prompt: Callable[[CountedT], Prompt],
    tokens_each: int = 1_000,
    expected_s: float = 30.0,
    example: dict[str, Any] | None = None,
) -> Kind[CountedT]:
    """The Kind that is one model call, and whose result is the list it makes.

    `noun` is the plural that people read: "characters". `items` names the list field of `output`;
    it must hold as many entities as the payload's `count`. `tokens_each` bounds an entity's length;
    the default is twice what a rich one in English takes, for languages that take more.
    """
    recipe = Recipe(
        name,
        payload,
        output,
        prompt,
        max_output_tokens=lambda payload: 500 + tokens_each * payload.count,
        items=items,
        count=lambda payload: payload.count,
        example=payload.model_validate(example) if example else None,
    )

    def run(payload: CountedT, context: Context) -> Any:
        made = context.call("generate", recipe, payload)
        return made.model_dump(mode="json")[items]

    return Kind(
        name=name,
        title=f"Generate {noun}",
        description=description,
        payload=payload,
        result=output.model_fields[items].annotation,
        steps=(Step("generate", f"Generating {noun}...", expected_s),),
        finalizing=f"Finalizing {noun}...",
        recipes=(recipe,),
        run=run,
        example=example,
    )
