"""Every test runs in `make check` or in one of the other steps of `make test`."""

import re

from tests.architecture.tree import ROOT, committed, text_of

QUICK = set(
    re.findall(
        r"\btests/\w+", re.search(r"^check:.*?\n\n", text_of(ROOT / "Makefile"), re.M | re.S)[0]
    )
)
"""The folders whose unmarked tests `make check` runs."""
MARK = re.compile(r"^pytestmark = [^\n]*\n?[^\n]*\b(?:integration|e2e)\b", re.M)
MARKED_BY_CONFTEST = ROOT / "tests" / "browser"


def test_modules_outside_the_quick_folders_are_marked() -> None:
    unmarked = [
        path.relative_to(ROOT).as_posix()
        for path in committed()
        if path.name.startswith("test_")
        and path.suffix == ".py"
        and "/".join(path.relative_to(ROOT).parts[:2]) not in QUICK
        and MARKED_BY_CONFTEST not in path.parents
        and not MARK.search(text_of(path))
    ]

    assert QUICK
    assert unmarked == []
