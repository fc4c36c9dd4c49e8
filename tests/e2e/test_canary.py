"""No text of clients or providers is in logs, RQ entries, the process list or health routes."""

from pathlib import Path

import pytest

from tests.canary import CONTENT, CanaryRun, canary_stack

pytestmark = pytest.mark.e2e

JOBS = 40


def test_no_content_is_where_it_must_not_be(tmp_path: Path) -> None:
    """Given jobs with a unique text in every field, and errors that quote them / I expect it in
    none of the places, though there was much to search.
    """
    with canary_stack(tmp_path) as stack:
        run = CanaryRun(stack)
        run.run(JOBS)

    assert {place: count for place, count in run.counts.items() if count} == {}, run.examples
    assert run.statuses.keys() == {"completed", "failed", "cancelled"}
    assert "Cannot answer this request" in run.errors
    assert CONTENT in run.errors
    assert run.tracebacks >= {"api", "worker", "lore"}
    assert min(run.seen[each] for each in ("log lines", "RQ entries", "processes")) > JOBS
