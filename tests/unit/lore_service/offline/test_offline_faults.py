"""Rules strike when they should, and say what is wrong with them."""

from typing import Any

import pytest

from lore_service.offline.faults import KINDS, Faults


def struck(faults: Faults, prompt: str = "a prompt", model: str = "m", named: str = "") -> str:
    rule = faults.strike(prompt, model, named)
    return rule.fault if rule else ""


@pytest.fixture
def faults() -> Faults:
    return Faults(seed=1)


def test_none_by_default(faults: Faults) -> None:
    assert struck(faults) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_named(faults: Faults, kind: str) -> None:
    assert struck(faults, named=kind) == kind
    assert struck(faults, prompt=f"a theme with fault:{kind} in it") == kind


def test_words_that_only_look_like_one(faults: Faults) -> None:
    assert struck(faults, prompt="default:cut, fault:line") == "cut"
    assert struck(faults, prompt="the fault:line") == ""


def test_a_rule_that_strikes_twice(faults: Faults) -> None:
    faults.add({"fault": "cut", "times": 2})

    assert [struck(faults) for _ in range(3)] == ["cut", "cut", ""]


def test_a_rule_for_some(faults: Faults) -> None:
    """Given a match / I expect it in the prompt or in the model's name, and no time used else."""
    faults.add({"fault": "rate", "times": 2, "match": "desert"})

    assert struck(faults, "the sea") == ""
    assert struck(faults, "the desert") == "rate"
    assert struck(faults, "the sea", model="desert-1") == "rate"
    assert struck(faults, "the desert") == ""


def test_a_rule_by_chance(faults: Faults) -> None:
    faults.add({"fault": "empty", "probability": 0.25})

    assert 200 < sum(struck(faults) == "empty" for _ in range(1_000)) < 300


def test_the_first_that_fits(faults: Faults) -> None:
    faults.add({"fault": "rate", "times": 1})
    faults.add({"fault": "slow"})

    assert [struck(faults) for _ in range(2)] == ["rate", "slow"]


def test_a_list_takes_the_place_of_all(faults: Faults) -> None:
    faults.add({"fault": "rate"})
    faults.add([{"fault": "cut"}])

    assert struck(faults) == "cut"
    faults.clear()
    assert struck(faults) == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "fault: Field required"),
        ({"fault": "earthquake"}, "must be one of rate"),
        ({"fault": "cut", "times": 0}, "times:"),
        ({"fault": "cut", "probability": 2}, "probability:"),
        ({"fault": "status", "status": 200}, "status:"),
        ({"fault": "cut", "when": "now"}, "when:"),
        ([{"fault": "cut"}, 7], "1: "),
        ("cut", "fault: "),
    ],
)
def test_a_rule_that_is_none(faults: Faults, given: Any, said: str) -> None:
    faults.add({"fault": "slow"})

    with pytest.raises(ValueError, match=said):
        faults.add(given)
    assert struck(faults) == "slow"


@pytest.mark.parametrize(
    ("given", "status", "code", "billed"),
    [
        ({"fault": "rate"}, 429, "rate_limit_exceeded", False),
        ({"fault": "quota"}, 429, "insufficient_quota", False),
        ({"fault": "status"}, 500, "injected", True),
        ({"fault": "status", "status": 503}, 503, "injected", False),
        ({"fault": "status", "status": 401}, 401, "injected", False),
    ],
)
def test_errors_in_place_of_a_text(
    faults: Faults, given: dict[str, Any], status: int, code: str, billed: bool
) -> None:
    faults.add(given)
    refusal = faults.rules[0].refusal()

    assert refusal is not None
    assert (refusal.status, refusal.code, faults.rules[0].is_billed) == (status, code, billed)


def test_when_to_come_back(faults: Faults) -> None:
    faults.add([{"fault": "rate", "retry_after_s": 2.5}, {"fault": "quota"}])
    rate, quota = (rule.refusal() for rule in faults.rules)

    assert rate is not None
    assert quota is not None
    assert rate.headers == {"retry-after": "2.5"}
    assert quota.headers == {}
