"""A list whose call was cut: finished entities stay, and a retry generates only the rest."""

from pathlib import Path

import pytest

from tests.stack import request, stack

pytestmark = pytest.mark.e2e


def test_a_retry_continues_after_the_finished_entities(tmp_path: Path) -> None:
    """Given a provider that cuts the connection half way, with unknown outcome / when the client
    consents to a retry / I expect the finished entities unchanged and only the others generated.
    """
    with stack(tmp_path, seconds=0.5) as system:
        fault = {"fault": "cut", "times": 1}
        assert request("PUT", f"{system.offline_url}/faults", fault)[0] == 200
        job_id = system.submit("generate_relics", theme="salt", count=5)
        failed = system.wait_for(job_id, "failed")
        finished = failed["partial_result"]["items"]
        _, plan = system.post(f"/jobs/{job_id}/retry?dry_run=true", {})

        status, _ = system.post(f"/jobs/{job_id}/retry", {"accept_duplicate_charge": True})
        completed = system.wait_for(job_id, "completed")

        rest = system.generated_text(job_id, attempt=2)

    assert failed["error_detail"]["code"] == "llm_outcome_unknown"
    assert 1 <= len(finished) < 5
    assert plan["steps_to_run"] == ["generate"]
    assert plan["possibly_duplicate_charges"] == [f"{job_id}/generate/0"]
    assert status == 202
    assert completed["result"][: len(finished)] == finished
    assert len(completed["result"]) == 5
    assert all(relic["name"] not in rest for relic in finished)
