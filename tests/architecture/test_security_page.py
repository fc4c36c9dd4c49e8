"""docs/security.md: every attack of its table has tests, and each of them exists."""

import re

import pytest

from tests.architecture.test_faults_page import functions_of
from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## Attacks")[2].partition("\n## ")[0]
ROWS = [line for line in TABLE.splitlines() if re.match(r"\| (W\d|–)", line)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[2].strip())
def test_each_named_test_exists(row: str) -> None:
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", row)

    assert named
    assert [test for file, test in named if test not in functions_of(ROOT / file)] == []


def test_every_attack_that_was_found_has_a_row() -> None:
    assert {"W1", "W2", "W3", "W6", "W7", "W8"} <= {row.split("|")[1].strip() for row in ROWS}
