"""Fault rules apply to matching requests; invalid rules are rejected."""

from typing import Any

import pytest

from loresmith.offline_model.server.faults import FAULTS, FaultInjector


def select(
    faults: FaultInjector, prompt: str = "a prompt", model: str = "m", requested: str = ""
) -> str:
    rule = faults.select(prompt, model, requested)
    return rule.fault if rule else ""


@pytest.fixture
def faults() -> FaultInjector:
    return FaultInjector(seed=1)


def test_no_fault_by_default(faults: FaultInjector) -> None:
    assert select(faults) == ""


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_can_be_requested(faults: FaultInjector, fault: str) -> None:
    assert select(faults, requested=fault) == fault
    assert select(faults, prompt=f"a theme with fault:{fault} in it") == fault


def test_similar_words_are_no_fault(faults: FaultInjector) -> None:
    assert select(faults, prompt="default:cut, fault:line") == "cut"
    assert select(faults, prompt="the fault:line") == ""


def test_a_rule_with_limited_uses(faults: FaultInjector) -> None:
    faults.add({"fault": "cut", "times": 2})

    assert [select(faults) for _ in range(3)] == ["cut", "cut", ""]


def test_a_rule_matches_the_prompt_or_the_model(faults: FaultInjector) -> None:
    faults.add({"fault": "rate", "times": 2, "match": "desert"})

    assert select(faults, "the sea") == ""
    assert select(faults, "the desert") == "rate"
    assert select(faults, "the sea", model="desert-1") == "rate"
    assert select(faults, "the desert") == ""


def test_a_rule_with_a_probability(faults: FaultInjector) -> None:
    faults.add({"fault": "empty", "probability": 0.25})

    assert 200 < sum(select(faults) == "empty" for _ in range(1_000)) < 300


def test_the_first_matching_rule_applies(faults: FaultInjector) -> None:
    faults.add({"fault": "rate", "times": 1})
    faults.add({"fault": "slow"})

    assert [select(faults) for _ in range(2)] == ["rate", "slow"]


def test_a_list_replaces_all_rules(faults: FaultInjector) -> None:
    faults.add({"fault": "rate"})
    faults.add([{"fault": "cut"}])

    assert select(faults) == "cut"
    faults.clear()
    assert select(faults) == ""


@pytest.mark.parametrize(
    ("rule", "message"),
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
def test_invalid_rules(faults: FaultInjector, rule: Any, message: str) -> None:
    faults.add({"fault": "slow"})

    with pytest.raises(ValueError, match=message):
        faults.add(rule)
    assert select(faults) == "slow"


@pytest.mark.parametrize(
    ("rule", "status", "code", "billed"),
    [
        ({"fault": "rate"}, 429, "rate_limit_exceeded", False),
        ({"fault": "quota"}, 429, "insufficient_quota", False),
        ({"fault": "status"}, 500, "injected", True),
        ({"fault": "status", "status": 503}, 503, "injected", False),
        ({"fault": "status", "status": 401}, 401, "injected", False),
        ({"fault": "echo"}, 400, "invalid_prompt", False),
    ],
)
def test_error_responses(
    faults: FaultInjector, rule: dict[str, Any], status: int, code: str, billed: bool
) -> None:
    faults.add(rule)
    error = faults.rules[0].error()

    assert error is not None
    assert (error.status, error.code, faults.rules[0].is_billed) == (status, code, billed)


def test_retry_after(faults: FaultInjector) -> None:
    faults.add([{"fault": "rate", "retry_after_s": 2.5}, {"fault": "quota"}])
    rate, quota = (rule.error() for rule in faults.rules)

    assert rate is not None
    assert quota is not None
    assert rate.headers == {"retry-after": "2.5"}
    assert quota.headers is None
