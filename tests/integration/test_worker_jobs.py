"""Jobs in a real worker process: their progress, events and outcomes."""

import json
import signal
from typing import Any

import pytest

from tests.integration.fake_lore import CallFailure
from tests.integration.worker_processes import WorkerSystem
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def error_detail(record: Any) -> dict[str, Any]:
    return dict(json.loads(record["error_detail"]))


def test_a_job_runs_from_message_to_result(system: WorkerSystem) -> None:
    system.start_worker()

    record = system.wait_for(system.submit())

    assert json.loads(record["result"])[0]["name"] == "text"
    assert (record["progress"], record["message"]) == ("100", "Job completed successfully")
    assert json.loads(record["usage"])["calls"] == 1
    assert record["model"] == "fake-1"


def test_the_progress_curve_of_a_job(system: WorkerSystem) -> None:
    """Given a job that takes as long as expected / I expect 20, the band, 90, 100, in order."""
    system.lore.call_s = 1.5
    system.start_worker()

    job_id = system.submit(expected_s=1.5)
    record = system.wait_for(job_id)

    content = ("delta", "item", "step", "usage")
    changes = [event for event in system.events(job_id) if event["type"] not in content]
    progress = [int(event["progress"]) for event in changes]
    band = progress[1:-2]
    assert (progress[0], progress[-2:]) == (20, [90, 100])
    assert progress == sorted(progress)
    assert len(band) >= 2
    assert all(20 < step <= 79 for step in band)
    assert [changes[i]["message"] for i in (0, -2, -1)] == [
        "Generating characters...",
        "Finalizing characters...",
        "Job completed successfully",
    ]
    assert {event["source"] for event in changes[:-1]} <= {"simulated", "tokens", "items"}
    assert record["items_expected"] == "3", "the entity count of its step"


def test_a_late_job_says_so_and_stays_below_80(system: WorkerSystem) -> None:
    system.lore.call_s = 60
    system.start_worker()

    job_id = system.submit(expected_s=0.5)

    late = "Taking longer than usual (usually under 1 s)"
    wait_until(lambda: late in system.job(job_id)["message"], "the message says so")
    assert 20 < int(system.job(job_id)["progress"]) <= 79


def test_a_world_is_generated_in_steps_and_saved(system: WorkerSystem) -> None:
    system.lore.call_s = 0.3
    system.start_worker()

    job_id = system.submit("create_world", expected_s=2, timeout_s=300)
    record = system.wait_for(job_id, timeout=30)

    events = system.events(job_id)
    result = json.loads(record["result"])
    assert result["world_id"] == job_id
    assert json.loads(record["usage"])["calls"] == 7
    assert sum(system.lore.started.values()) == 7
    assert "steps" in {event["source"] for event in events}
    assert [event["message"] for event in events if event["progress"] == "90"] == [
        "Saving the world..."
    ]
    progress = [int(event["progress"]) for event in events]
    assert progress == sorted(progress)


def test_a_failed_call_fails_the_job_with_its_code_and_text(system: WorkerSystem) -> None:
    system.lore.failures["generate_characters"] = CallFailure(
        "output_schema", text='{"characters": ['
    )
    system.start_worker()

    record = system.wait_for(system.submit(), "failed")

    assert error_detail(record)["code"] == "output_schema"
    assert json.loads(record["partial_result"])["text"] == '{"characters": ['
    assert record["message"] == "Job failed"


def test_a_job_that_times_out_cancels_its_call(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("generate")
    system.start_worker()

    job_id = system.submit(timeout_s=0.5)
    record = system.wait_for(job_id, "failed")

    assert error_detail(record)["code"] == "timeout"
    assert system.lore.cancelled == {f"{job_id}/generate/0"}
    assert json.loads(record["partial_result"])["complete_items"] == 1


def test_a_job_waits_for_a_late_lore_service(system: WorkerSystem) -> None:
    system.lore_server.stop()
    system.start_worker()
    job_id = system.submit()
    wait_until(lambda: system.job(job_id)["status"] == "processing", "the job is claimed")

    system.lore_server.start()

    system.wait_for(job_id)


def test_a_call_is_joined_again_after_a_restart(system: WorkerSystem) -> None:
    """Given a running call / When the connection breaks / I expect the same call joined again."""
    system.lore.blocked_steps.add("generate")
    system.start_worker()
    job_id = system.submit()
    call_id = f"{job_id}/generate/0"
    wait_until(lambda: system.lore.requests[call_id] == 1, "the call runs")

    system.lore_server.stop()
    system.lore_server.start()
    wait_until(lambda: system.lore.requests[call_id] == 2, "the call is requested again")
    system.lore.blocked_steps.clear()

    system.wait_for(job_id)
    assert system.lore.started[call_id] == 1


def test_an_unavailable_provider_is_asked_again(system: WorkerSystem) -> None:
    unavailable = CallFailure("llm_unavailable", retryable=True, may_be_bought=False, times=2)
    system.lore.failures["*"] = unavailable
    system.start_worker()

    job_id = system.submit()

    system.wait_for(job_id)
    assert system.lore.requests[f"{job_id}/generate/0"] == 3


def test_a_cancelled_call_logs_no_traceback(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker()
    job_id = system.submit()
    wait_until(lambda: system.lore.started, "the call runs")

    system.cancel(job_id)
    system.wait_for(job_id, "cancelled", timeout=5)
    worker.send(signal.SIGTERM)

    assert worker.wait() == 0
    assert "Traceback" not in worker.log


def test_a_cancelled_job_stops_its_call_and_keeps_its_text(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("generate")
    system.start_worker()
    job_id = system.submit()
    wait_until(lambda: system.lore.started, "the call runs")

    assert system.cancel(job_id) == "cancelling"
    record = system.wait_for(job_id, "cancelled", timeout=5)

    assert system.lore.cancelled == {f"{job_id}/generate/0"}
    assert json.loads(record["partial_result"])["text"] == "Once upon"
    assert json.loads(record["usage"])["calls"] == 1


def test_a_job_may_be_cancelled_after_its_current_call(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("settings")
    system.start_worker()
    job_id = system.submit("create_world", timeout_s=300)
    wait_until(lambda: system.lore.started[f"{job_id}/settings/0"], "the second call runs")

    system.cancel(job_id, "after_current_call")
    lease_ms = int(system.job(job_id)["lease_ms"])
    wait_until(lambda: _renewed_since(system, job_id, lease_ms), "the worker knows")
    system.lore.blocked_steps.clear()
    record = system.wait_for(job_id, "cancelled")

    assert sum(system.lore.started.values()) == 2
    assert system.lore.cancelled == set()
    assert set(json.loads(record["partial_result"])["steps"]) == {"outline", "settings"}


def _renewed_since(system: WorkerSystem, job_id: str, lease_ms: int) -> bool:
    """Whether the worker has sent another heartbeat, and so knows of the cancellation."""
    return int(system.job(job_id)["lease_ms"]) > lease_ms


def test_an_invalid_payload_fails_only_its_job(system: WorkerSystem) -> None:
    system.start_worker()

    record = system.wait_for(system.submit(payload='{"count": 3}'), "failed")

    assert error_detail(record)["code"] == "validation"
    assert "theme" in record["error"]
    system.wait_for(system.submit())
