"""What a job will cost, from its kind alone; a new kind needs nothing for it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from jobs.estimate import Estimate, calls_of
from jobs.kind import Kind
from jobs.kinds import KINDS
from jobs.prices import Price, Prices

ONE = Price(input_per_mtok=Decimal(1), output_per_mtok=Decimal(2))
OWN = Prices({"own": ONE})


def estimated(name: str, model: str = "own", **payload: Any) -> Estimate:
    kind = KINDS[name]
    payload = {**(kind.example or {}), **payload}
    return Estimate(model, calls_of(kind, kind.payload.model_validate(payload)), OWN)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_kind_is_estimated_step_by_step(kind: Kind[Any]) -> None:
    """Given each kind's example / I expect a call for each step, and money below its maximum."""
    found = estimated(kind.name)

    assert [call.step for call in found.calls] == [step.name for step in kind.steps]
    assert found.expected is not None
    assert found.most is not None
    assert 0 < found.expected < found.most


def test_the_maximum_has_the_bounds_that_are_sent_and_a_repair() -> None:
    """Given one call of 500 + 1,000 tokens an entity, at 2 micro-dollars each
    / I expect both answers in the maximum, the second request with the first answer in it.
    """
    (call,) = estimated("generate_characters", count=3).calls

    assert call.output_most == 3_500
    read = call.input.most
    assert call.most(OWN, "own") == (read + 7_000) + (read + 3_500 * 1.5 + 600 + 7_000)


def test_later_calls_of_a_world_may_have_all_earlier_answers_in_them() -> None:
    calls = estimated("create_world").calls

    before = sum(call.output_most for call in calls[:-1])
    assert calls[-1].input.most >= before
    assert calls[-1].input.expected > calls[0].input.expected


def test_more_entities_cost_more() -> None:
    few, many = (estimated("generate_characters", count=count).most or 0 for count in (1, 10))

    assert many > 2 * few


def test_an_unknown_price_is_said() -> None:
    found = estimated("create_world", model="nobody-knows")

    assert (found.expected, found.most) == (None, None)
    assert found.output > 0


def test_consent_to_buy_an_unknown_call_again_is_in_the_maximum() -> None:
    once = estimated("generate_characters")

    assert replace(once, buys_again=True).most == 2 * (once.most or 0)


def test_a_kind_that_needs_more_of_an_answer_is_estimated_by_its_recipes() -> None:
    """Given a kind whose run stumbles over an empty answer / I expect its recipes' examples."""

    def run(payload: Any, context: Any) -> Any:
        raise KeyError("a name that no rehearsal knows")

    kind = replace(KINDS["generate_relics"], run=run)

    calls = calls_of(kind, kind.payload.model_validate(kind.example))

    assert [call.step for call in calls] == ["generate_relics"]
