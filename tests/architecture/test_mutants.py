"""Every mutant of tests/mutations.py still finds the rule that it takes away."""

import pytest

# The Lua that fakeredis loads: two of them in one process do not get on.
from lupa.lua51 import LuaRuntime  # type: ignore[import-untyped]

from tests.architecture.tree import PRELUDE_TEXT, ROOT
from tests.mutants import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_rule_is_still_there(mutant: Mutant) -> None:
    """Given a mutant / when its file was rewritten
    / I expect the mutant to be rewritten with it.
    """
    text = (ROOT / mutant.file).read_text(encoding="utf-8")

    assert mutant.applied_to(text) != text


LUA = [mutant for mutant in MUTANTS if mutant.file.endswith(".lua")]


@pytest.mark.parametrize("mutant", LUA, ids=lambda mutant: mutant.name)
def test_a_mutant_is_wrong_but_runs(mutant: Mutant) -> None:
    """Given a script that lost a rule / I expect it to compile: a broken one proves nothing."""
    text = mutant.applied_to((ROOT / mutant.file).read_text(encoding="utf-8"))

    LuaRuntime().compile(text if "/_" in mutant.file else PRELUDE_TEXT + text)


def test_mutants_are_told_apart_by_their_names() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
