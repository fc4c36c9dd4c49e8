"""No lease, deadline or order hangs on the clock of a process: the scripts ask Redis for the time.

So a wrong clock on some machine moves nothing but what is listed here.
"""

import re

import pytest

from tests.architecture.tree import ROOT

WALL_CLOCK = re.compile(r"\btime\.time\(|\bdatetime\.now\(|\butcnow\(|(?<![\w.])now\(\)")
PARTS = ("api", "jobs", "lore_service", "worker")
MAY = {
    "api/budgets.py": "which window is shown; which one is charged, the scripts ask Redis",
    "api/finding.py": "`as_of`, for people",
    "api/stats.py": "how old what is cleaned up must be, asked for in days",
    "api/usage.py": "until when a report goes, if nobody says",
    "jobs/doorbell.py": "RQ's own dates in its hash, which nothing of ours reads",
    "jobs/job.py": "`elapsed_s`, for people",
    "lore_service/offline/billing.py": "the model's own book, somebody else's machine",
    "lore_service/offline/chat.py": "the model's own dates",
    "worker/rq_books.py": "the rows of `rq info`, which RQ judges by the clocks of its workers",
    "worker/shelf.py": "when a world was saved, for people",
}


def readers() -> set[str]:
    """The modules that read a wall clock; time.monotonic is none, and measures only here."""
    files = (file for part in PARTS for file in (ROOT / part).rglob("*.py"))
    return {
        str(file.relative_to(ROOT))
        for file in files
        if WALL_CLOCK.search(file.read_text(encoding="utf-8"))
    }


def test_wall_clocks_are_read_only_where_nothing_hangs_on_them() -> None:
    assert readers() == set(MAY)


@pytest.mark.parametrize("line", ["at = time.time()", "datetime.now(UTC)", "utcformat(now())"])
def test_a_wall_clock_is_recognised(line: str) -> None:
    assert WALL_CLOCK.search(line)


@pytest.mark.parametrize("line", ["time.monotonic()", "self._now()", "loop.time()"])
def test_other_clocks_are_not_taken_for_one(line: str) -> None:
    assert not WALL_CLOCK.search(line)
