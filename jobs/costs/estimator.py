"""Estimates the cost of a job before it runs: its calls, their length and their price.

The calls are found by a dry run of the job type (`dry_run.py`), so a new one needs no code for
estimates. It takes a few milliseconds of CPU per call; keep it off the event loop.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from loresmith.jobs.core.placeholders import Placeholders
from loresmith.jobs.core.settings.providers import LIST_SEPARATOR
from loresmith.jobs.costs import tokens
from loresmith.jobs.costs.dry_run import DryRunContext, RecordedCall
from loresmith.jobs.costs.prices import BilledTokens, Prices
from loresmith.jobs.statistics.token_usage import TokenUsageModel
from loresmith.jobs.types.base import JobType
from loresmith.jobs.types.finished_items import finished_items
from loresmith.jobs.types.model_call import ModelCallSpec

JSON_ESCAPE_FACTOR = 1.5
"""Growth of a response that a later request contains, as JSON within JSON."""
REPAIR_PROMPT_TOKENS = 600
"""Tokens that a repair adds to the request, besides the rejected response."""
UNKNOWN = TokenUsageModel()


@dataclass(frozen=True)
class PlannedCall:
    """A model call that a job will make."""

    step: str
    input: tokens.InputTokens
    counted: int
    """Input tokens by our own count; `input` is the count expected from the provider."""
    output: int
    """Expected tokens of its response."""
    max_output_tokens: int
    """Its max output tokens, which are sent to the provider."""
    items: int = 0
    """Items of its list; 0 for no list."""
    kept_items: int = 0
    """Items that an earlier attempt finished, so that they are not bought again."""
    is_repaired: bool = True
    """Whether an invalid response is asked for again, once."""

    def expected(self, prices: Prices, model: str) -> int | None:
        """Returns the expected cost in micro-dollars."""
        return prices.micros(model, BilledTokens(self.input.expected, self.output))

    def max_cost(self, prices: Prices, model: str) -> int | None:
        """Returns the maximum cost: of two requests where an invalid response is repaired."""
        first = prices.micros(model, BilledTokens(self.input.maximum, self.max_output_tokens))
        if not self.is_repaired:
            return first
        again = (
            self.input.maximum
            + int(self.max_output_tokens * JSON_ESCAPE_FACTOR)
            + REPAIR_PROMPT_TOKENS
        )
        second = prices.micros(model, BilledTokens(again, self.max_output_tokens))
        return None if first is None or second is None else first + second


@dataclass(frozen=True)
class CostForecast:
    """The estimate of a job, in micro-dollars; None where the model's price is unknown."""

    model: str
    calls: tuple[PlannedCall, ...]
    prices: Prices
    buys_again: bool = False
    """Whether a call of unknown outcome may be repeated."""

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
    def max_output_tokens(self) -> int:
        return sum(call.max_output_tokens for call in self.calls)

    @cached_property
    def expected(self) -> int | None:
        return _sum([call.expected(self.prices, self.model) for call in self.calls])

    @cached_property
    def max_cost(self) -> int | None:
        each = [call.max_cost(self.prices, self.model) for call in self.calls]
        again = max((cost or 0 for cost in each), default=0) if self.buys_again else 0
        total = _sum(each)
        return None if total is None else total + again


def dearest(
    models: str, calls: tuple[PlannedCall, ...], prices: Prices, *, buys_again: bool = False
) -> CostForecast:
    """Returns the estimate of a model; of a list `a|b`, that of the dearest one."""
    names = models.split(LIST_SEPARATOR)
    forecasts = [CostForecast(name, calls, prices, buys_again=buys_again) for name in names]
    return max(forecasts, key=_known_maximum) if len(names) > 1 else forecasts[0]


def _known_maximum(forecast: CostForecast) -> float:
    return math.inf if forecast.max_cost is None else forecast.max_cost


def calls_of(
    job_type: JobType[Any],
    payload: BaseModel,
    token_usage: TokenUsageModel = UNKNOWN,
    partial_result: str | None = None,
    redact: Sequence[str] = (),
) -> tuple[PlannedCall, ...]:
    """Returns the calls of a job in order. `token_usage` is the model of its job type.

    `partial_result`: of an earlier attempt, whose finished items are kept.
    `redact`: kinds of values that get placeholders.
    """
    dry_run = DryRunContext(token_usage.median_share if len(job_type.steps) > 1 else 0)
    if not dry_run.ends(job_type, payload):
        dry_run.add_unreached(job_type)
    return tuple(_counted(dry_run.calls, token_usage, partial_result, redact))


def only_call(
    job_type: JobType[Any], payload: BaseModel
) -> tuple[ModelCallSpec[Any, Any], BaseModel] | None:
    """Returns the call of a job that makes one; None if it makes several."""
    dry_run = DryRunContext(0)
    if not dry_run.ends(job_type, payload) or len(dry_run.calls) != 1:
        return None
    _, spec, input = dry_run.calls[0]
    return spec, input


def _counted(
    calls: list[RecordedCall],
    token_usage: TokenUsageModel,
    partial_result: str | None,
    redact: Sequence[str],
) -> Iterator[PlannedCall]:
    """Counts each call; the maximum of a later one includes all earlier responses."""
    limits = [spec.max_output_tokens(input) for _, spec, input in calls]
    before, share = 0, token_usage.share(sum(limits))
    for (step, spec, input), limit in zip(calls, limits, strict=True):
        messages = Placeholders(redact).withhold(spec.prompt(input).messages())
        read = tokens.of_request(messages, spec.schema(input), spec.parameters(input))
        maximum = read.maximum + int(before * JSON_ESCAPE_FACTOR)
        expected = min(maximum, round(read.expected * token_usage.input))
        items = spec.count(input) if spec.items and spec.count else 0
        finished = finished_items(partial_result, step, spec, input)
        finished_tokens = tokens.count("\n".join(finished)) if finished else 0
        output = int(limit * share * (1 - len(finished) / max(items, 1)))
        yield PlannedCall(
            step,
            tokens.InputTokens(
                expected + finished_tokens, maximum + int(finished_tokens * tokens.MARGIN)
            ),
            read.expected,
            output,
            limit,
            items,
            len(finished),
            spec.is_repaired(input),
        )
        before += limit


def _sum(costs: list[int | None]) -> int | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None
