"""A list that broke off in its middle: what was finished stays, and a retry buys only the rest."""

from pathlib import Path

import pytest

from tests.stack import request, stack

pytestmark = pytest.mark.e2e


def test_a_retry_goes_on_after_the_finished_entities(tmp_path: Path) -> None:
    """Given a provider that breaks off half way, so that nobody knows what was billed / when the
    client consents to a retry / I expect the finished entities kept and only the others written.
    """
    with stack(tmp_path, seconds=0.5) as system:
        fault = {"fault": "cut", "times": 1}
        assert request("PUT", f"{system.offline_url}/faults", fault)[0] == 200
        job_id = system.submit("generate_relics", theme="salt", count=5)
        failed = system.wait_for(job_id, "failed")
        kept = failed["partial_result"]["items"]
        _, plan = system.post(f"/jobs/{job_id}/retry?dry_run=true", {})

        status, _ = system.post(f"/jobs/{job_id}/retry", {"accept_duplicate_charge": True})
        done = system.wait_for(job_id, "completed")

        rest = system.redis.hget(f"call:{job_id}/generate/1", "text")

    assert failed["error_detail"]["code"] == "llm_outcome_unknown"
    assert 1 <= len(kept) < 5
    assert plan["will_buy"] == ["generate"]
    assert plan["may_pay_again"] == [f"{job_id}/generate/0"]
    assert status == 202
    assert done["result"][: len(kept)] == kept
    assert len(done["result"]) == 5
    assert all(relic["name"] not in rest for relic in kept)
