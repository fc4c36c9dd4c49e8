"""A job type and its steps, and the maker of types that generate a list in one call."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar

from pydantic import BaseModel, TypeAdapter

from loresmith.jobs.core.job_record import Priority
from loresmith.jobs.types.context import Context
from loresmith.jobs.types.fields import CountedPayload
from loresmith.jobs.types.model_call import ModelCallSpec, OutputT, Prompt

PayloadT = TypeVar("PayloadT", bound=BaseModel)
CachePolicy = Literal["use", "skip", "only"]
CountedT = TypeVar("CountedT", bound=CountedPayload)


NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
MAX_NAME_CHARACTERS = 64
STEP_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""A part of the ids of model calls."""


NO_SAMPLE: Final = object()


@dataclass(frozen=True)
class Step:
    """A named part of a job. Its output is checkpointed; it has a share of the progress bar."""

    name: str
    message: str
    """Shown while it runs, for example "Generating characters..."."""
    expected_s: float
    sample: Any = NO_SAMPLE
    """What a step of plain code might return: an estimate does not run it."""


@dataclass(frozen=True)
class JobType(Generic[PayloadT]):
    """A job type: its payload, its result, and the function that makes one from the other."""

    name: str
    title: str
    description: str
    payload: type[PayloadT]
    result: Any
    """The type of the result, for its JSON Schema."""
    steps: tuple[Step, ...]
    finalizing: str
    """Shown after the calls, for example "Finalizing characters..."."""
    specs: tuple[ModelCallSpec[Any, Any], ...]
    """Its own model calls; it may also use those of other job types."""
    run: Callable[[PayloadT, Context], Any]
    """Makes the JSON-serializable result from the payload, through Context only."""
    timeout_s: float = 90.0
    cache: CachePolicy = "skip"
    """Whether a cached response of an identical request will do, unless the client says."""
    priority: Priority = "normal"
    """Of its jobs, unless the client says."""
    is_sent_again: bool = False
    """Whether clients send its requests again without a key. The content of a job that is not
    stored then stays for its 10 minutes, although it was read.
    """
    example: dict[str, Any] | None = None
    """A valid payload, for documentation and forms."""
    title_of: Callable[[Mapping[str, Any]], str] | None = None
    """Returns what a job is about, for lists, from the stored payload; perhaps only its start."""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name) or len(self.name) > MAX_NAME_CHARACTERS:
            raise ValueError(
                f"{self.name!r} is no name of a job type: use lower-case words, digits and single "
                f"underscores, at most {MAX_NAME_CHARACTERS} characters"
            )
        names = [step.name for step in self.steps]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"{self.name}: a job type needs steps, each with a name of its own")
        if wrong := [name for name in names if not STEP_NAME.fullmatch(name)]:
            raise ValueError(f"{self.name}: {wrong[0]!r} is no name of a step: {STEP_NAME.pattern}")

    @property
    def expected_s(self) -> float:
        """Expected seconds of such a job, before there are statistics."""
        return sum(step.expected_s for step in self.steps)

    @property
    def expected_calls(self) -> int:
        """The steps that may be model calls, at least one: those without a sample."""
        return max(1, sum(step.sample is NO_SAMPLE for step in self.steps))

    @property
    def message(self) -> str:
        """Shown when the job starts."""
        return self.steps[0].message

    def result_schema(self) -> dict[str, Any]:
        """Returns the JSON Schema of the result."""
        return TypeAdapter(self.result).json_schema()


def list_generation(
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
) -> JobType[CountedT]:
    """Makes a job type of one model call, whose result is the list that it generates.

    `noun` is a plural for people: "characters". `items` names the list field of `output`; it must
    have as many entities as the payload's `count`. `tokens_each` bounds the length of an entity;
    the default is twice that of a rich one in English, for languages that need more tokens.
    """
    spec = ModelCallSpec(
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
        generated = context.call("generate", spec, payload)
        return generated.model_dump(mode="json")[items]

    return JobType(
        name=name,
        title=f"Generate {noun}",
        description=description,
        payload=payload,
        result=output.model_fields[items].annotation,
        steps=(Step("generate", f"Generating {noun}...", expected_s),),
        finalizing=f"Finalizing {noun}...",
        specs=(spec,),
        run=run,
        example=example,
    )
