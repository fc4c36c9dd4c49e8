"""What a job will cost, from its kind alone; a new kind needs nothing for it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from loresmith.jobs.costs.estimator import CostForecast, calls_of
from loresmith.jobs.costs.prices import ModelPrice, Prices
from loresmith.jobs.statistics.token_usage import TokenUsageModel
from loresmith.jobs.types.base import JobType
from loresmith.jobs.types.registry import JOB_TYPES

ONE = ModelPrice(input_per_mtok=Decimal(1), output_per_mtok=Decimal(2))
OWN = Prices({"own": ONE})


def estimated(name: str, model: str = "own", **payload: Any) -> CostForecast:
    kind = JOB_TYPES[name]
    payload = {**(kind.example or {}), **payload}
    return CostForecast(model, calls_of(kind, kind.payload.model_validate(payload)), OWN)


@pytest.mark.parametrize("kind", JOB_TYPES.values(), ids=list(JOB_TYPES))
def test_every_kind_is_estimated_step_by_step(kind: JobType[Any]) -> None:
    """Given each kind's example / I expect a call for each step, and money below its maximum."""
    matches = estimated(kind.name)

    assert [call.step for call in matches.calls] == [step.name for step in kind.steps]
    assert matches.expected is not None
    assert matches.max_cost is not None
    assert 0 < matches.expected < matches.max_cost


def test_the_maximum_has_the_bounds_that_are_sent_and_a_repair() -> None:
    """Given one call of 500 + 1,000 tokens an entity, at 2 micro-dollars each
    / I expect both answers in the maximum, the second request with the first answer in it.
    """
    (call,) = estimated("generate_characters", count=3).calls

    assert call.max_output_tokens == 3_500
    read = call.input.maximum
    assert call.max_cost(OWN, "own") == (read + 7_000) + (read + 3_500 * 1.5 + 600 + 7_000)


@pytest.mark.parametrize("name", ["chat_completion", "response"])
def test_an_answer_that_is_taken_as_it_is_has_no_repair(name: str) -> None:
    limit = {"chat_completion": "max_completion_tokens", "response": "max_output_tokens"}[name]
    (call,) = estimated(name, **{limit: 500}).calls

    assert call.max_cost(OWN, "own") == call.input.maximum + 2 * 500


def test_later_calls_of_a_world_may_have_all_earlier_answers_in_them() -> None:
    calls = estimated("create_world").calls

    before = sum(call.max_output_tokens for call in calls[:-1])
    assert calls[-1].input.maximum >= before
    assert calls[-1].input.expected > calls[0].input.expected


def test_the_expected_input_is_at_most_its_maximum() -> None:
    """Given runs whose input was far larger than counted / I expect the maximum, not more."""
    kind = JOB_TYPES["generate_characters"]
    payload = kind.payload.model_validate(kind.example or {})

    (call,) = calls_of(kind, payload, TokenUsageModel(input=1_000.0))

    assert call.input.expected == call.input.maximum


def test_more_entities_cost_more() -> None:
    few, many = (estimated("generate_characters", count=count).max_cost or 0 for count in (1, 10))

    assert many > 2 * few


def test_an_unknown_price_is_said() -> None:
    matches = estimated("create_world", model="nobody-knows")

    assert (matches.expected, matches.max_cost) == (None, None)
    assert matches.output > 0


def test_consent_to_buy_an_unknown_call_again_is_in_the_maximum() -> None:
    once = estimated("generate_characters")

    assert replace(once, buys_again=True).max_cost == 2 * (once.max_cost or 0)


def test_a_kind_that_needs_more_of_an_answer_is_estimated_by_its_specs() -> None:
    """Given a kind whose run stumbles over an empty answer / I expect its specs' examples."""

    def run(payload: Any, context: Any) -> Any:
        raise KeyError("a name that no rehearsal knows")

    kind = replace(JOB_TYPES["generate_relics"], run=run)

    calls = calls_of(kind, kind.payload.model_validate(kind.example))

    assert [call.step for call in calls] == ["generate_relics"]
