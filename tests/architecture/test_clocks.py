"""Leases, deadlines and orders depend on the clock of Redis alone.

A wrong clock on some machine affects only what is listed here.
"""

import re

import pytest

from tests.architecture.tree import ROOT

WALL_CLOCK = re.compile(r"\btime\.time\(|\bdatetime\.now\(|\butcnow\(|(?<![\w.])now\(\)")
PARTS = ("api", "jobs", "lore_service", "worker")
ALLOWED = {
    "jobs/core/liveness.py": "the age of a file, of the same machine",
    "api/services/budgets.py": "the window that is shown; scripts choose the one that is charged",
    "api/handlers/job_list.py": "`as_of`, for people",
    "api/services/cleanup.py": "the age for a clean-up, in days",
    "api/schemas/representation.py": "`elapsed_s`, for people",
    "api/auth/guard.py": "a warning that a key expires, days before",
    "api/auth/api_key.py": "the state of a key, for people",
    "api/auth/job_tokens.py": "the end of a token, for people and its streams; Redis ends it",
    "api/auth/sessions.py": "the end of a session, for people and its streams; Redis ends it",
    "api/events/broadcaster.py": "when a stream ends with its credential, which is checked again",
    "api/handlers/usage.py": "the default end of a report",
    "lore_service/providers/rate_limits.py": "the time of a reset, as a provider says it",
    "jobs/store/queue.py": "RQ's own dates in its hash",
    "worker/adapters/rq_registry.py": "the rows of `rq info`, which RQ compares with the "
    "clocks of its workers",
    "worker/adapters/archive_sink.py": "when a world was saved, for people",
}


def readers() -> set[str]:
    """Lists the modules that read a wall clock. time.monotonic is not one."""
    files = (file for part in PARTS for file in (ROOT / part).rglob("*.py"))
    return {
        str(file.relative_to(ROOT))
        for file in files
        if WALL_CLOCK.search(file.read_text(encoding="utf-8"))
    }


def test_wall_clocks_are_read_only_where_allowed() -> None:
    assert readers() == set(ALLOWED)


@pytest.mark.parametrize("line", ["at = time.time()", "datetime.now(UTC)", "utcformat(now())"])
def test_a_wall_clock_is_recognised(line: str) -> None:
    assert WALL_CLOCK.search(line)


@pytest.mark.parametrize("line", ["time.monotonic()", "self._now()", "loop.time()"])
def test_other_clocks_are_ignored(line: str) -> None:
    assert not WALL_CLOCK.search(line)
