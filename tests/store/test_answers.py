"""Every script gives every answer that its header invariants."""

import re

import pytest

from loresmith.jobs.store.scripts import LUA, names
from tests.store.driver import Store
from tests.store.scenarios import SCENARIOS, Scenario

# Answers that are a status or a state of the row, which their headers describe.
STATES = {
    "jobs/finish": {"completed", "failed", "cancelled"},
    "calls/cancel": {"intent"},
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_answer_of_each_scenario(store: Store, scenario: Scenario) -> None:
    """Given the scenario / when the script runs / I expect the answer the scenario is named
    after.
    """
    act = scenario.arrange(store)

    assert act() == scenario.answer


@pytest.mark.parametrize("name", names())
def test_no_answer_of_a_header_is_without_a_scenario(name: str) -> None:
    """Given the Returns of a script's header
    / I expect a scenario for each word in it, and no other.
    """
    promised = answers(name) | STATES.get(name, set())

    assert {scenario.answer for scenario in SCENARIOS if scenario.script == name} == promised


def answers(name: str) -> set[str]:
    """The quoted words of the Returns part of a header."""
    source = (LUA / f"{name}.lua").read_text(encoding="utf-8")
    head = re.match(r"(?:--.*\n)+", source)
    returns = re.search(r"-- Returns (.*?)(?:-- Updates|\Z)", head[0] if head else "", re.DOTALL)
    return set(re.findall(r"'(\w+)'", returns[1])) if returns else set()
