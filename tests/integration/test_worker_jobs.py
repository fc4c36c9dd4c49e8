"""Jobs in a real worker process: how they run, what is shown of them, and how they end."""

import json
import signal
from typing import Any

import pytest

from tests.integration.fake_lore import Failure
from tests.integration.workshop import Workshop
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def detail(record: Any) -> dict[str, Any]:
    return dict(json.loads(record["error_detail"]))


def test_a_job_runs_from_ring_to_result(shop: Workshop) -> None:
    shop.worker()

    record = shop.wait_for(shop.submit())

    assert json.loads(record["result"])[0]["name"] == "text"
    assert (record["progress"], record["message"]) == ("100", "Job completed successfully")
    assert json.loads(record["usage"])["calls"] == 1
    assert record["model"] == "fake-1"


def test_a_watcher_sees_the_ladder_of_the_first_design(shop: Workshop) -> None:
    """Given a job that takes as long as expected / I expect 0, 20, the band, 90, 100, in order."""
    shop.fake.seconds = 1.5
    shop.worker()

    job_id = shop.submit(expected_s=1.5)
    record = shop.wait_for(job_id)

    news = ("delta", "item", "step", "usage")
    told = [update for update in shop.updates(job_id) if update["type"] not in news]
    progress = [int(update["progress"]) for update in told]
    band = progress[2:-2]
    assert (progress[:2], progress[-2:]) == ([0, 20], [90, 100])
    assert progress == sorted(progress)
    assert len(band) >= 2
    assert all(20 < step <= 79 for step in band)
    assert [told[i]["message"] for i in (0, 1, -2, -1)] == [
        "Preparing your request...",
        "Generating characters...",
        "Finalizing characters...",
        "Job completed successfully",
    ]
    assert {update["source"] for update in told[1:-1]} <= {"simulated", "tokens", "items"}
    assert record["items_expected"] == "3", "what its step said that it would bring"


def test_a_job_that_takes_longer_than_usual_says_so_and_waits_in_the_band(shop: Workshop) -> None:
    shop.fake.seconds = 60
    shop.worker()

    job_id = shop.submit(expected_s=0.5)

    words = "Taking longer than usual (usually under 1 s)"
    wait_until(lambda: words in shop.job(job_id)["message"], "it says that it takes longer")
    assert 20 < int(shop.job(job_id)["progress"]) <= 79


def test_a_world_is_made_step_by_step_and_saved(shop: Workshop) -> None:
    shop.fake.seconds = 0.3
    shop.worker()

    job_id = shop.submit("create_world", expected_s=2, timeout_s=300)
    record = shop.wait_for(job_id, timeout=30)

    told = shop.updates(job_id)
    result = json.loads(record["result"])
    assert result["world_id"] == job_id
    assert json.loads(record["usage"])["calls"] == 7
    assert sum(shop.fake.made.values()) == 7
    assert "steps" in {update["source"] for update in told}
    assert [u["message"] for u in told if u["progress"] == "90"] == ["Saving the world..."]
    progress = [int(update["progress"]) for update in told]
    assert progress == sorted(progress)


def test_a_world_that_cannot_be_saved_is_kept_and_a_retry_buys_nothing(shop: Workshop) -> None:
    """Given a database that is a folder / When it is put right / I expect a retry to only save."""
    database = shop.directory / "worlds.db"
    database.mkdir()
    shop.worker()

    job_id = shop.submit("create_world", timeout_s=300)
    failed = shop.wait_for(job_id, "failed", timeout=30)
    assert detail(failed)["code"] == "sink_error"
    assert json.loads(failed["partial_result"])["title"] == "text"

    database.rmdir()
    shop.retry(job_id)
    saved = shop.wait_for(job_id)

    assert json.loads(saved["result"])["world_id"] == job_id
    assert "partial_result" not in saved
    assert sum(shop.fake.made.values()) == 7


def test_a_failed_call_fails_the_job_with_its_code_and_text(shop: Workshop) -> None:
    shop.fake.failures["generate_characters"] = Failure("output_schema", text='{"characters": [')
    shop.worker()

    record = shop.wait_for(shop.submit(), "failed")

    assert detail(record)["code"] == "output_schema"
    assert json.loads(record["partial_result"])["text"] == '{"characters": ['
    assert record["message"] == "Job failed"


def test_a_job_over_its_time_fails_and_its_call_is_stopped(shop: Workshop) -> None:
    shop.fake.stuck.add("generate")
    shop.worker()

    job_id = shop.submit(timeout_s=0.5)
    record = shop.wait_for(job_id, "failed")

    assert detail(record)["code"] == "timeout"
    assert shop.fake.cancelled == {f"{job_id}/generate/0"}
    assert json.loads(record["partial_result"])["complete_items"] == 1


def test_a_lore_service_that_starts_late_is_waited_for(shop: Workshop) -> None:
    shop.lore.stop()
    shop.worker()
    job_id = shop.submit()
    wait_until(lambda: shop.job(job_id)["status"] == "processing", "the job is claimed")

    shop.lore.start()

    shop.wait_for(job_id)


def test_a_lore_service_that_restarts_in_mid_call_is_asked_again(shop: Workshop) -> None:
    """Given a call in flight / When the connection breaks / I expect the same call joined again."""
    shop.fake.stuck.add("generate")
    shop.worker()
    job_id = shop.submit()
    call_id = f"{job_id}/generate/0"
    wait_until(lambda: shop.fake.asked[call_id] == 1, "the call runs")

    shop.lore.stop()
    shop.lore.start()
    wait_until(lambda: shop.fake.asked[call_id] == 2, "the call is asked for again")
    shop.fake.stuck.clear()

    shop.wait_for(job_id)
    assert shop.fake.made[call_id] == 1


def test_what_the_provider_cannot_do_now_is_asked_for_again(shop: Workshop) -> None:
    refusal = Failure("llm_unavailable", retryable=True, may_be_bought=False, times=2)
    shop.fake.failures["*"] = refusal
    shop.worker()

    job_id = shop.submit()

    shop.wait_for(job_id)
    assert shop.fake.asked[f"{job_id}/generate/0"] == 3


def test_a_cancelled_call_leaves_no_trace_in_the_log(shop: Workshop) -> None:
    shop.fake.stuck.add("generate")
    worker = shop.worker()
    job_id = shop.submit()
    wait_until(lambda: shop.fake.made, "the call runs")

    shop.cancel(job_id)
    shop.wait_for(job_id, "cancelled", timeout=5)
    worker.send(signal.SIGTERM)

    assert worker.ends() == 0
    assert "Traceback" not in worker.log


def test_a_cancelled_job_stops_its_call_and_keeps_what_had_arrived(shop: Workshop) -> None:
    shop.fake.stuck.add("generate")
    shop.worker()
    job_id = shop.submit()
    wait_until(lambda: shop.fake.made, "the call runs")

    assert shop.cancel(job_id)[0] == "cancelling"
    record = shop.wait_for(job_id, "cancelled", timeout=5)

    assert shop.fake.cancelled == {f"{job_id}/generate/0"}
    assert json.loads(record["partial_result"])["text"] == "Once upon"
    assert json.loads(record["usage"])["calls"] == 1


def test_a_job_may_be_cancelled_after_its_current_call(shop: Workshop) -> None:
    shop.fake.stuck.add("settings")
    shop.worker()
    job_id = shop.submit("create_world", timeout_s=300)
    wait_until(lambda: shop.fake.made[f"{job_id}/settings/0"], "the second call runs")

    shop.cancel(job_id, "after_current_call")
    lease_ms = int(shop.job(job_id)["lease_ms"])
    wait_until(lambda: _renewed_since(shop, job_id, lease_ms), "the worker has been told")
    shop.fake.stuck.clear()
    record = shop.wait_for(job_id, "cancelled")

    assert sum(shop.fake.made.values()) == 2
    assert shop.fake.cancelled == set()
    assert set(json.loads(record["partial_result"])["steps"]) == {"outline", "settings"}


def _renewed_since(shop: Workshop, job_id: str, lease_ms: int) -> bool:
    """Whether the worker has beaten at least once more, and so has been told."""
    return int(shop.job(job_id)["lease_ms"]) > lease_ms


def test_a_payload_that_does_not_fit_fails_the_job_and_not_the_worker(shop: Workshop) -> None:
    shop.worker()

    record = shop.wait_for(shop.submit(payload='{"count": 3}'), "failed")

    assert detail(record)["code"] == "validation"
    assert "theme" in record["error"]
    shop.wait_for(shop.submit())
