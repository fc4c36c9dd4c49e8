"""docs/faults.md: every row of the table has tests, and each of them exists."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
ROWS = {
    cells[1].strip(): re.findall(r"`(tests/[\w/.]+)::(\w+)`", cells[-2])
    for line in PAGE.splitlines()
    if re.match(r"\| [A-D]\d", line) and (cells := line.split("|"))
}
NUMBERS = [
    *(f"A{number}" for number in range(1, 6)), *("B1", "B2"),
    *(f"C{number}" for number in range(1, 9)), *("D1", "D2", "D3"),
]  # fmt: skip


def functions_of(path: Path) -> set[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, functions)}


def test_every_fault_has_a_row() -> None:
    assert list(ROWS) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_each_named_test_exists(number: str) -> None:
    named = ROWS[number]

    assert named
    assert [test for file, test in named if test not in functions_of(ROOT / file)] == []
