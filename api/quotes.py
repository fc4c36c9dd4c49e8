"""What a job would cost, and whether that may be spent: caps, and a yes before a large bill."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.concurrency import run_in_threadpool

from api.history import History
from api.kept import INSTEAD, Kept
from api.problems import Problem
from jobs.config import Config
from jobs.cost import CURRENCY, dollars, micros
from jobs.estimate import Call, Estimate, calls_of
from jobs.eta import Usual
from jobs.habits import Habits
from jobs.job import Price, Record, Submission
from jobs.kinds import KINDS
from jobs.prices import Prices

METHOD = "o200k"
SHORT = 2_000
"""Characters of a payload whose one call is estimated in less time than a thread takes to wake."""
CHEAP = ("gpt-5-nano", "gpt-5-mini")
"""Models of OpenAI that are proposed where another one is too expensive."""


@dataclass(frozen=True)
class Violation:
    """Why a job is not taken as it is, in the words of a problem."""

    code: str
    detail: str
    cap: int | None = None
    """The cap that it breaks, in micro-dollars."""


class Quotes:
    """Estimates jobs and holds them to their caps."""

    def __init__(self, prices: Prices, history: History, kept: Kept, config: Config) -> None:
        self._prices = prices
        self.kept = kept
        self._history = history
        self._model = config.model
        self._known = lru_cache(maxsize=512)(self._estimated)
        self._cap = micros(config.job_cap)
        self.confirm_above = micros(config.confirm_above)
        """From which maximum on a client must say yes, in micro-dollars."""

    async def price(self, wanted: Submission) -> tuple[Price, Problem | None]:
        """What the job will cost, and why it may not be made, if so."""
        model, options = wanted.model or self._model, from_json(wanted.options)
        if self._prices.is_free(model) or options.get("cache") == "only":
            return Price(0, 0), None
        if self._prices.is_unknown(model) and "max_cost" not in options:
            return Price(), None
        habits = await self._history.habits(wanted.type, wanted.model)
        if len(KINDS[wanted.type].steps) == 1 and len(wanted.payload) < SHORT:
            price, problem = self._price(wanted, options, habits)  # a thread would cost more
        else:
            price, problem = await run_in_threadpool(self._price, wanted, options, habits)
        if problem and "alternatives" in problem.more and await self.kept.has(wanted):
            problem.more["alternatives"].insert(0, INSTEAD)
        return price, problem

    async def of_steps(self, record: Record, steps: Sequence[str]) -> dict[str, Any]:
        """What it would cost to buy some steps of a job once more."""
        model = from_json(record.get("options", "{}")).get("model")
        habits = await self._history.habits(record["type"], model)
        return await run_in_threadpool(self._of_steps, record, model or self._model, steps, habits)

    async def estimate(self, wanted: Submission) -> Estimate:
        """What a job will take."""
        habits = await self._history.habits(wanted.type, wanted.model)
        return await run_in_threadpool(self._estimate, wanted, habits)

    async def alternatives(self, wanted: Submission, cap: int) -> list[dict[str, Any]]:
        """What would fit under a cap, in micro-dollars: changes of the request, with their cost."""
        habits = await self._history.habits(wanted.type, wanted.model)
        return await run_in_threadpool(self._alternatives, wanted, cap, habits)

    def cap(self, options: dict[str, Any]) -> int:
        """What a job may cost at most: the server's cap, or a lower one of the client's."""
        own = options.get("max_cost")
        return self._cap if own is None else min(self._cap, micros(own))

    def violation(self, estimate: Estimate, options: dict[str, Any]) -> Violation | None:
        """What forbids the job."""
        cap = self.cap(options)
        if estimate.most is None:
            if "max_cost" not in options or options.get("allow_unknown_price"):
                return None
            words = f"The price of {estimate.model} is not known, so max_cost cannot be held."
            return Violation("price-unknown", words)
        if estimate.most <= cap:
            return None
        words = f"The job may cost ${estimate.most / 1e6:.4f}; its cap is ${cap / 1e6:.4f}."
        return Violation("cost-cap-exceeded", words, cap)

    def wants_a_yes(self, estimate: Estimate, options: dict[str, Any]) -> bool:
        """Whether the client must confirm the price first, and has not."""
        most, agreed = estimate.most, options.get("confirm_cost")
        if most is None or most <= self.confirm_above:
            return False
        return agreed is None or micros(agreed) < most

    def _price(
        self, wanted: Submission, options: dict[str, Any], habits: Habits
    ) -> tuple[Price, Problem | None]:
        estimate = self._estimate(wanted, habits)
        price = Price(estimate.expected, estimate.most, estimate.counted)
        return price, self._problem(wanted, estimate, options, habits)

    def _problem(
        self, wanted: Submission, estimate: Estimate, options: dict[str, Any], habits: Habits
    ) -> Problem | None:
        if broken := self.violation(estimate, options):
            more: dict[str, Any] = {"estimate": shown(estimate)}
            if broken.cap is not None:
                more["cap"] = dollars(broken.cap)
                more["alternatives"] = self._alternatives(wanted, broken.cap, habits)
            return Problem(broken.code, broken.detail, **more)
        if not self.wants_a_yes(estimate, options):
            return None
        return Problem(
            "cost-confirmation-required",
            f"The job may cost ${(estimate.most or 0) / 1e6:.4f}, and more than "
            f"${self.confirm_above / 1e6:.4f} wants a yes.",
            estimate=shown(estimate),
            alternatives=self._alternatives(wanted, self.confirm_above, habits),
        )

    def _estimate(self, wanted: Submission, habits: Habits, model: str = "") -> Estimate:
        asked = model or wanted.model or self._model
        again = wanted.on_unknown == "retry"
        return self._known(wanted.type, wanted.payload, asked, habits, again)

    def _estimated(
        self, type: str, payload: str, model: str, habits: Habits, again: bool
    ) -> Estimate:
        """Remembered, because what was estimated is often submitted next."""
        calls = _calls(type, payload, habits)
        return Estimate(model, calls, self._prices, buys_again=again)

    def _of_steps(
        self, record: Record, model: str, steps: Sequence[str], habits: Habits
    ) -> dict[str, Any]:
        calls = _calls(record["type"], record["payload"], habits)
        wanted = tuple(call for call in calls if call.step in steps)
        return _cost(Estimate(model, wanted, self._prices))

    def _alternatives(self, wanted: Submission, cap: int, habits: Habits) -> list[dict[str, Any]]:
        changes = ((change, self._estimate(other, habits)) for change, other in _smaller(wanted))
        fitting = ((change, found) for change, found in changes if _fits(found, cap))
        first = next(fitting, None)
        cheaper = [
            ({"options": {"model": name}}, found)
            for name in dict.fromkeys((*self._prices.named(), *CHEAP))
            if name != (wanted.model or self._model)
            and _fits(found := self._estimate(wanted, habits, name), cap)
        ]
        return [
            {"change": change, "cost": _cost(found)}
            for change, found in [*([first] if first else []), *cheaper]
        ]


@lru_cache(maxsize=512)
def _calls(type: str, payload: str, habits: Habits) -> tuple[Call, ...]:
    """The calls of a job; the same for every model."""
    kind = KINDS[type]
    return calls_of(kind, kind.payload.model_validate_json(payload), habits)


def shown(estimate: Estimate, usual: Usual | None = None) -> dict[str, Any]:
    """An estimate as clients see it. `usual`: how long such a job takes."""
    told: dict[str, Any] = {
        "model": estimate.model,
        "tokens": {
            "input": estimate.input,
            "output_expected": estimate.output,
            "output_max": estimate.output_most,
            "method": METHOD,
        },
        "cost": _cost(estimate),
        "steps": [_step(estimate, at) for at in range(len(estimate.calls))],
    }
    return told | ({"duration_s": {"p50": usual.p50, "p90": usual.p90}} if usual else {})


def _cost(estimate: Estimate) -> dict[str, Any]:
    expected, most = dollars(estimate.expected), dollars(estimate.most)
    return {"expected": expected, "max": most, "currency": CURRENCY}


def _step(estimate: Estimate, at: int) -> dict[str, Any]:
    call = estimate.calls[at]
    only = replace(estimate, calls=(call,), buys_again=False)
    return {
        "name": call.step,
        "input": call.input.expected,
        "output_expected": call.output,
        "output_max": call.output_most,
        "cost": _cost(only),
    }


def _fits(estimate: Estimate, cap: int) -> bool:
    return estimate.most is not None and estimate.most <= cap


def _smaller(wanted: Submission) -> Iterator[tuple[dict[str, Any], Submission]]:
    """The same request for fewer entities, the largest first."""
    payload = from_json(wanted.payload)
    model = KINDS[wanted.type].payload
    counts = {
        name: value
        for name, value in payload.items()
        if isinstance(value, int) and not isinstance(value, bool)
    }
    for most in range(max(counts.values(), default=1) - 1, 0, -1):
        change = {name: most for name, value in counts.items() if value > most}
        if fitting := _valid(model, payload | change):
            yield {"payload": change}, replace(wanted, payload=fitting)


def _valid(model: type[BaseModel], payload: dict[str, Any]) -> str | None:
    try:
        return model.model_validate(payload).model_dump_json()
    except ValidationError:
        return None
