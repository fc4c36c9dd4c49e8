"""Prices jobs, and enforces cost caps and confirmations."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool

from loresmith.api.http.problems import Problem
from loresmith.api.schemas.requests import JobOptions
from loresmith.api.services.model_lists import price_problem
from loresmith.api.services.response_cache import CACHE_ALTERNATIVE, ResponseCache
from loresmith.api.services.run_statistics import RunStatistics
from loresmith.api.services.submissions import ValidatedJob
from loresmith.jobs.core.job_record import PriceQuote, Record
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.costs.estimator import CostForecast, PlannedCall, calls_of, dearest
from loresmith.jobs.costs.money import CURRENCY, dollars, micros
from loresmith.jobs.costs.prices import Prices
from loresmith.jobs.costs.rough_estimate import rough_tokens
from loresmith.jobs.statistics.durations import DurationEstimate
from loresmith.jobs.statistics.token_usage import TokenUsageModel
from loresmith.jobs.types.registry import JOB_TYPES, REGISTRY

TOKEN_COUNT_METHOD = "o200k"
MAX_INLINE_PAYLOAD = 2_000
"""Characters of the payload of a one-call job that is estimated faster than a thread starts."""
CHEAP_MODELS = ("gpt-5-nano", "gpt-5-mini")
"""OpenAI models that are suggested when the requested one is too expensive."""
MAX_MODELS = 3
"""Cheaper models that are suggested at once."""


@dataclass(frozen=True)
class CostLimitViolation:
    """The reason why a job is rejected: a problem code and its detail."""

    code: str
    detail: str
    cap: int | None = None
    """The exceeded cap, in micro-dollars."""


@dataclass(frozen=True)
class _Payload:
    """A payload as a cache key: equal by its text, and by what the model must not see of it."""

    text: str
    model: BaseModel = field(compare=False)
    redact: tuple[str, ...] = ()


class PricingService:
    """Estimates jobs and enforces their cost caps."""

    def __init__(
        self,
        prices: Prices,
        statistics: RunStatistics,
        cache: ResponseCache,
        settings: Settings,
    ) -> None:
        self.cache = cache
        self._prices = prices
        self._statistics = statistics
        self._model = settings.providers.default_model
        self._forecasts = lru_cache(maxsize=512)(self._new_forecast)
        self._cap = micros(settings.max_job_cost)
        self.confirm_cost_above = micros(settings.confirm_cost_above)
        """The maximum cost above which a client must confirm, in micro-dollars."""

    async def price(self, job: ValidatedJob) -> tuple[PriceQuote, Problem | None]:
        """Returns the price of a job, and the problem if it must be rejected."""
        submission, options = job.submission, job.options
        model = submission.model or self._model
        if problem := price_problem(self._prices, model):
            return PriceQuote(None, None), problem
        if options.cache == "only":
            return PriceQuote(0, 0), None
        usage = await self._token_usage(job)
        is_free = self._prices.is_free(model)
        if is_free or (self._prices.is_unknown(model) and options.max_cost is None):
            tokens = await _rough_tokens(job, usage)
            cost = 0 if is_free or not tokens else None
            return PriceQuote(cost, cost, expected_tokens=tokens), None
        if _is_cheap_to_estimate(job):
            price, problem = self._price(job, usage)
        else:
            price, problem = await run_in_threadpool(self._price, job, usage)
        if problem and "alternatives" in problem.more and await self.cache.contains(job):
            problem.more["alternatives"].insert(0, CACHE_ALTERNATIVE)
        return price, problem

    async def price_retry(self, record: Record, steps: Sequence[str]) -> dict[str, Any]:
        """Returns the cost of running some steps of a job again, and the items that are kept."""
        model = from_json(record.get("options", "{}")).get("model")
        usage = await self._statistics.token_usage(record["type"], model)
        return await run_in_threadpool(
            self._price_retry, record, model or self._model, steps, usage
        )

    async def estimate(self, job: ValidatedJob) -> CostForecast:
        """Estimates the calls, tokens and cost of a job."""
        return await run_in_threadpool(self._forecast, job, await self._token_usage(job))

    async def alternatives(self, job: ValidatedJob, cap: int) -> list[dict[str, Any]]:
        """Returns changes of the request that fit under a cap in micro-dollars, with their cost."""
        usage = await self._token_usage(job)
        return await run_in_threadpool(self._alternatives, job, cap, usage)

    def cap(self, options: JobOptions) -> int:
        """Returns the maximum cost of a job: the server's cap, or a lower one of the client."""
        return self._cap if options.max_cost is None else min(self._cap, micros(options.max_cost))

    def violation(self, forecast: CostForecast, options: JobOptions) -> CostLimitViolation | None:
        """Returns the limit that a job exceeds, if any."""
        cap = self.cap(options)
        if forecast.max_cost is None:
            if options.max_cost is None or options.allow_unknown_price:
                return None
            detail = f"The price of {forecast.model} is unknown, so max_cost cannot be enforced."
            return CostLimitViolation("price-unknown", detail)
        if forecast.max_cost <= cap:
            return None
        detail = f"The job may cost ${forecast.max_cost / 1e6:.4f}; its cap is ${cap / 1e6:.4f}."
        return CostLimitViolation("cost-cap-exceeded", detail, cap)

    def requires_confirmation(self, forecast: CostForecast, options: JobOptions) -> bool:
        """Tells whether the client must still confirm the cost."""
        if forecast.max_cost is None or forecast.max_cost <= self.confirm_cost_above:
            return False
        return options.confirm_cost is None or micros(options.confirm_cost) < forecast.max_cost

    async def _token_usage(self, job: ValidatedJob) -> TokenUsageModel:
        return await self._statistics.token_usage(job.submission.type, job.submission.model)

    def _price(
        self, job: ValidatedJob, usage: TokenUsageModel
    ) -> tuple[PriceQuote, Problem | None]:
        forecast = self._forecast(job, usage)
        tokens = forecast.input + forecast.output
        price = PriceQuote(forecast.expected, forecast.max_cost, forecast.counted, tokens)
        return price, self._problem(job, forecast, usage)

    def _problem(
        self, job: ValidatedJob, forecast: CostForecast, usage: TokenUsageModel
    ) -> Problem | None:
        if violation := self.violation(forecast, job.options):
            extensions: dict[str, Any] = {"estimate": represent_forecast(forecast)}
            if violation.cap is not None:
                extensions["cap"] = dollars(violation.cap)
                extensions["alternatives"] = self._alternatives(job, violation.cap, usage)
            return Problem(violation.code, violation.detail, **extensions)
        if not self.requires_confirmation(forecast, job.options):
            return None
        return Problem(
            "cost-confirmation-required",
            f"The job may cost ${(forecast.max_cost or 0) / 1e6:.4f}. Jobs above "
            f"${self.confirm_cost_above / 1e6:.4f} need confirmation: resend with "
            "options.confirm_cost.",
            estimate=represent_forecast(forecast),
            alternatives=self._alternatives(job, self.confirm_cost_above, usage),
        )

    def _forecast(self, job: ValidatedJob, usage: TokenUsageModel, model: str = "") -> CostForecast:
        submission = job.submission
        return self._forecasts(
            submission.type,
            _Payload(submission.payload, job.payload, tuple(job.options.redact or ())),
            model or submission.model or self._model,
            usage,
            submission.on_unknown == "retry",
        )

    def _new_forecast(
        self, type: str, payload: _Payload, model: str, usage: TokenUsageModel, buys_again: bool
    ) -> CostForecast:
        """Cached, because an estimate is often followed by the same submission."""
        calls = _calls(type, payload, usage)
        return dearest(model, calls, self._prices, buys_again=buys_again)

    def _price_retry(
        self, record: Record, model: str, steps: Sequence[str], usage: TokenUsageModel
    ) -> dict[str, Any]:
        if record["type"] not in JOB_TYPES:  # of a newer release
            return {"cost": {"expected": None, "max": None, "currency": CURRENCY}, "kept_items": []}
        job_type = JOB_TYPES[record["type"]]
        payload = job_type.payload.model_validate_json(record["payload"])
        redact = from_json(record.get("options", "{}")).get("redact") or ()
        calls = calls_of(job_type, payload, usage, record.get("partial_result"), redact)
        selected = tuple(call for call in calls if call.step in steps)
        kept_items = [
            {"step": call.step, "count": call.kept_items, "total": call.items}
            for call in selected
            if call.kept_items
        ]
        return {
            "cost": _cost(dearest(model, selected, self._prices)),
            "kept_items": kept_items,
        }

    def _alternatives(
        self, job: ValidatedJob, cap: int, usage: TokenUsageModel
    ) -> list[dict[str, Any]]:
        fewer = self._fitting(job, cap, usage)
        cheaper = [self._fitting(job, cap, usage, model) for model in self._cheaper(job, usage)]
        return [alternative for alternative in (fewer, *cheaper[:MAX_MODELS]) if alternative]

    def _cheaper(self, job: ValidatedJob, usage: TokenUsageModel) -> list[str]:
        """Returns the known models that would cost less for this job, the cheapest first."""
        limit = self._forecast(job, usage).max_cost
        costs = {
            name: cost
            for name in (*self._prices.named(), *CHEAP_MODELS)
            if (cost := self._forecast(job, usage, name).max_cost) is not None
            and (limit is None or cost < limit)
        }
        return sorted(costs, key=lambda name: costs[name])

    def _fitting(
        self, job: ValidatedJob, cap: int, usage: TokenUsageModel, model: str = ""
    ) -> dict[str, Any] | None:
        """Returns the largest job that fits, of the requested model or of another one."""
        options = {"options": {"model": model}} if model else {}
        whole: list[tuple[dict[str, Any], ValidatedJob]] = [({}, job)] if model else []
        for change, smaller in (*whole, *job.smaller()):
            if _fits(forecast := self._forecast(smaller, usage, model), cap):
                return {"change": change | options, "cost": _cost(forecast)}
        return None


async def _rough_tokens(job: ValidatedJob, usage: TokenUsageModel) -> int:
    """Estimates tokens; code that is not ours runs on a thread."""
    name, payload = job.submission.type, job.payload
    if name in REGISTRY.added:
        return await run_in_threadpool(rough_tokens, name, payload, usage)
    return rough_tokens(name, payload, usage)


def _is_cheap_to_estimate(job: ValidatedJob) -> bool:
    if job.submission.type in REGISTRY.added:
        return False
    one_call = len(JOB_TYPES[job.submission.type].steps) == 1
    return one_call and len(job.submission.payload) < MAX_INLINE_PAYLOAD


@lru_cache(maxsize=512)
def _calls(type: str, payload: _Payload, usage: TokenUsageModel) -> tuple[PlannedCall, ...]:
    """Returns the calls of a job, which are the same for every model."""
    return calls_of(JOB_TYPES[type], payload.model, usage, redact=payload.redact)


def represent_forecast(
    forecast: CostForecast, duration: DurationEstimate | None = None
) -> dict[str, Any]:
    """Returns the JSON object of an estimate."""
    estimate: dict[str, Any] = {
        "model": forecast.model,
        "tokens": {
            "input": forecast.input,
            "output_expected": forecast.output,
            "output_max": forecast.max_output_tokens,
            "method": TOKEN_COUNT_METHOD,
        },
        "cost": _cost(forecast),
        "steps": [_step(forecast, call) for call in forecast.calls],
    }
    if duration:
        estimate["duration_s"] = {"p50": duration.p50, "p90": duration.p90}
    return estimate


def _cost(forecast: CostForecast) -> dict[str, Any]:
    expected, maximum = dollars(forecast.expected), dollars(forecast.max_cost)
    return {"expected": expected, "max": maximum, "currency": CURRENCY}


def _step(forecast: CostForecast, call: PlannedCall) -> dict[str, Any]:
    return {
        "name": call.step,
        "input": call.input.expected,
        "output_expected": call.output,
        "output_max": call.max_output_tokens,
        "cost": _cost(replace(forecast, calls=(call,), buys_again=False)),
    }


def _fits(forecast: CostForecast, cap: int) -> bool:
    return forecast.max_cost is not None and forecast.max_cost <= cap
