"""docs/errors.md lists every error code with its meaning and remedy; so does the page."""

import re

import pytest

from loresmith.api.http.problems import PROBLEMS
from loresmith.jobs.core.errors import BY_CODE
from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
PANEL = (ROOT / "api" / "static" / "page" / "job" / "error-panel.js").read_text(encoding="utf-8")
YES = {True: "yes", False: "no"}
JOB_ROWS = {
    code: f"| `{code}` | {error.__doc__} | {YES[error.retryable]} | {error.remedy} |"
    for code, error in BY_CODE.items()
}
PROBLEM_ROWS = {
    code: f"| {row.status} | `{code}` | {row.title} | {YES[row.retryable]} | {row.remedy} |"
    for code, row in PROBLEMS.items()
}


@pytest.mark.parametrize("row", [*JOB_ROWS.values(), *PROBLEM_ROWS.values()])
def test_each_code_has_its_row(row: str) -> None:
    assert PAGE.count(f"{row}\n") == 1


def test_there_is_no_other_row() -> None:
    assert PAGE.count("\n| `") == len(JOB_ROWS)
    assert len(re.findall(r"\n\| \d", PAGE)) == len(PROBLEM_ROWS)


def test_the_page_explains_each_job_error() -> None:
    """Given the codes in the error panel / I expect those of the table."""
    table = PANEL[PANEL.index("const ERRORS") : PANEL.index("};")]

    assert set(re.findall(r"^  (\w+): \[", table, re.MULTILINE)) == set(BY_CODE)
