"""What a job will cost, before anything is bought: which calls it will make, how long they are, and
what that costs.

The calls are found by rehearsing the kind: its own `run` is given answers of the usual length that
say nothing. So a new job type is estimated without a line of its own. All of this takes a few
milliseconds of computing for each call; keep it off the event loop.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from jobs import tokens
from jobs.habits import Habits
from jobs.kind import Kind, Recipe
from jobs.prices import Prices, Tokens

QUOTED = 1.5
"""By how much an answer may grow that becomes a part of a later request, as JSON within JSON."""
WHY = 600
"""Tokens that a repair adds to the request beside the answer that did not fit."""
FILLER = "of the old bell in the harbour, "
CHARACTERS_A_TOKEN = 4
UNKNOWN = Habits()


@dataclass(frozen=True)
class Call:
    """One model call that a job will make."""

    step: str
    input: tokens.Input
    counted: int
    """Tokens of its request by our own count; `input` is what the provider is expected to count."""
    output: int
    """Tokens that its answer usually has."""
    output_most: int
    """Its bound, which is sent to the provider."""

    def expected(self, prices: Prices, model: str) -> int | None:
        """What it costs usually, in micro-dollars."""
        return prices.micros(model, Tokens(self.input.expected, self.output))

    def most(self, prices: Prices, model: str) -> int | None:
        """What it costs at most: asked twice, because an answer that does not fit is repaired."""
        first = prices.micros(model, Tokens(self.input.most, self.output_most))
        again = self.input.most + int(self.output_most * QUOTED) + WHY
        second = prices.micros(model, Tokens(again, self.output_most))
        return None if first is None or second is None else first + second


@dataclass(frozen=True)
class Estimate:
    """What a job will take. Money in micro-dollars, None where the model's price is unknown."""

    model: str
    calls: tuple[Call, ...]
    prices: Prices
    buys_again: bool = False
    """Whether a call of unknown outcome may be bought once more."""

    @property
    def input(self) -> int:
        return sum(call.input.expected for call in self.calls)

    @property
    def counted(self) -> int:
        return sum(call.counted for call in self.calls)

    @property
    def output(self) -> int:
        return sum(call.output for call in self.calls)

    @property
    def output_most(self) -> int:
        return sum(call.output_most for call in self.calls)

    @cached_property
    def expected(self) -> int | None:
        return _sum([call.expected(self.prices, self.model) for call in self.calls])

    @cached_property
    def most(self) -> int | None:
        each = [call.most(self.prices, self.model) for call in self.calls]
        again = max((cost or 0 for cost in each), default=0) if self.buys_again else 0
        total = _sum(each)
        return None if total is None else total + again


def calls_of(kind: Kind[Any], payload: BaseModel, habits: Habits = UNKNOWN) -> tuple[Call, ...]:
    """The calls of a job, in order. `habits`: those of its kind."""
    rehearsal = _Rehearsal(habits.usual if len(kind.steps) > 1 else 0)
    if not rehearsal.ends(kind, payload):
        rehearsal.rest_of(kind)
    return tuple(_counted(rehearsal.calls, habits))


def only_call(kind: Kind[Any], payload: BaseModel) -> tuple[Recipe[Any, Any], BaseModel] | None:
    """The call of a job that makes one; None for a job that makes several."""
    rehearsal = _Rehearsal(0)
    if not rehearsal.ends(kind, payload) or len(rehearsal.calls) != 1:
        return None
    _, recipe, input = rehearsal.calls[0]
    return recipe, input


class _Rehearsal:
    """jobs.context.Context for a job that is only talked about. `share`: how much of its bound an
    answer fills, which is of matter where it becomes a part of the next request.
    """

    job_id = "00000000-0000-7000-8000-000000000000"

    def __init__(self, share: float) -> None:
        self._share = share
        self.calls: list[tuple[str, Recipe[Any, Any], BaseModel]] = []

    def ends(self, kind: Kind[Any], payload: BaseModel) -> bool:
        """Whether a job of the kind goes to its end with answers that say nothing: they may be too
        little for a kind of somebody's own.
        """
        try:
            kind.run(payload, self)
        except Exception:
            return False
        return True

    def call(self, step: str, recipe: Recipe[Any, Any], input: BaseModel) -> Any:
        self.calls.append((step, recipe, input))
        schema = recipe.schema(input)
        size = int(recipe.max_output_tokens(input) * self._share * CHARACTERS_A_TOKEN)
        texts = _texts(_sample(schema, schema, 1))
        return recipe.output.model_validate(_sample(schema, schema, size // max(1, texts)))

    def save_world(self, *, user_id: str, title: str, theme: str, world: dict[str, Any]) -> str:
        return self.job_id

    def rest_of(self, kind: Kind[Any]) -> None:
        """Adds the kind's recipes that were not reached, with their examples."""
        reached = {recipe.name for _, recipe, _ in self.calls}
        self.calls += [
            (recipe.name, recipe, recipe.example)
            for recipe in kind.recipes
            if recipe.example and recipe.name not in reached
        ]


def _counted(
    calls: list[tuple[str, Recipe[Any, Any], BaseModel]], habits: Habits
) -> Iterator[Call]:
    """Answers may become a part of the requests after them, so those are as long at most."""
    bounds = [recipe.max_output_tokens(input) for _, recipe, input in calls]
    before, share = 0, habits.share(sum(bounds))
    for (step, recipe, input), bound in zip(calls, bounds, strict=True):
        prompt = recipe.prompt(input)
        read = tokens.of_request([prompt.system, prompt.user], recipe.schema(input))
        most = read.most + int(before * QUOTED)
        expected = min(most, round(read.expected * habits.input))
        yield Call(step, tokens.Input(expected, most), read.expected, int(bound * share), bound)
        before += bound


def _sample(node: dict[str, Any], root: dict[str, Any], size: int) -> Any:
    """A value that fits a schema, with texts of this many characters."""
    if "$ref" in node:
        return _sample(root["$defs"][node["$ref"].rsplit("/", 1)[-1]], root, size)
    for key in ("enum", "anyOf"):
        if key in node:
            return node[key][0] if key == "enum" else _sample(node[key][0], root, size)
    if "const" in node:
        return node["const"]
    match node["type"]:
        case "object":
            return {name: _sample(part, root, size) for name, part in node["properties"].items()}
        case "array":
            return [_sample(node["items"], root, size)] * max(1, node.get("minItems", 1))
        case "string":
            return (FILLER * (size // len(FILLER) + 1))[: max(1, size)]
        case "integer" | "number":
            return node.get("minimum", node.get("exclusiveMinimum", 0) + 1)
    return node["type"] == "boolean" or None


def _texts(value: Any) -> int:
    """How many texts there are in a sample."""
    if isinstance(value, dict | list):
        return sum(map(_texts, value.values() if isinstance(value, dict) else value))
    return int(isinstance(value, str))


def _sum(costs: list[int | None]) -> int | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
