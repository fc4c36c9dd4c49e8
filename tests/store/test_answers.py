"""Every script gives every answer that its header promises."""

import re
from importlib.resources import files

import pytest

from jobs.scripts import names
from tests.store.driver import Store
from tests.store.moments import MOMENTS, Moment

# Answers that are a status or a state of the row, which their headers describe in words.
IN_WORDS = {
    "finish": {"completed", "failed", "cancelled"},
    "call_cancel": {"intent"},
}


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_the_answer_of_each_moment(store: Store, moment: Moment) -> None:
    """Given the moment / when the script runs / I expect the answer the moment is named after."""
    act = moment.arrange(store)

    assert act() == moment.answer


@pytest.mark.parametrize("name", names())
def test_no_answer_of_a_header_is_without_a_moment(name: str) -> None:
    """Given the Returns of a script's header
    / I expect a moment for each word in it, and no other.
    """
    promised = answers(name) | IN_WORDS.get(name, set())

    assert {moment.answer for moment in MOMENTS if moment.script == name} == promised


def answers(name: str) -> set[str]:
    """The quoted words of the Returns part of a header."""
    source = (files("jobs") / "lua" / f"{name}.lua").read_text(encoding="utf-8")
    head = re.match(r"(?:--.*\n)+", source)
    returns = re.search(r"-- Returns (.*?)(?:-- Updates|\Z)", head[0] if head else "", re.DOTALL)
    return set(re.findall(r"'(\w+)'", returns[1])) if returns else set()
