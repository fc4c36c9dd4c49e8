"""200 jobs against a provider that serves 10 at once and 60 a minute, ten times as fast."""

from pathlib import Path

import pytest

from tests.limited_provider import limited_provider
from tests.stack import stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

JOBS = 200


def test_all_jobs_complete_with_few_refused_requests(tmp_path: Path) -> None:
    """Given 200 jobs at once / I expect none failed, no retry counted, each call bought once, and
    fewer than 1.5 requests for each one served.
    """
    with limited_provider(at_once=10, per_window=60, window_s=6) as provider:
        env = {"OPENAI_BASE_URL": provider.url}
        with stack(tmp_path, seconds=0.6, env=env) as system:
            provider.upstream_port = system.offline_port
            options = {"cache": "skip", "max_attempts": 1}
            body = {"type": "generate_relics", "payload": {"theme": "x", "count": 1}}
            job_ids = [
                str(system.post("/jobs", {**body, "options": options})[1]["id"])
                for _ in range(JOBS)
            ]

            def ended() -> dict[str, int] | None:
                counts = system.get("/jobs/stats")[1]["counts"]
                return counts if counts["completed"] + counts["failed"] >= JOBS else None

            counts = wait_until(ended, "all jobs have ended", timeout=240, every=0.5) or {}

            assert (counts["completed"], counts["failed"]) == (JOBS, 0)
            assert not any(system.redis.hget(f"job:{job_id}", "retries") for job_id in job_ids)
            assert set(system.bills().values()) == {1}
    print(f"{provider.requests} requests for {provider.served} served")
    assert provider.served == JOBS
    assert provider.requests < 1.5 * JOBS
