"""A job that waits: for something to come back, which counts no attempt; and for its turn."""

from tests.store.driver import DURATIONS, Store


def test_a_wait_uses_up_no_attempt_and_shows_until_work_goes_on(store: Store) -> None:
    """Given a job at 60 % whose provider refuses / when it waits and is claimed again
    / I expect its bar, phase and message to stand, a wait counted, and no retry.
    """
    store.running()
    store.report_progress(progress=60)

    store.retry_later(phase="rate_limited", counts="wait")

    record = store.record()
    assert (record["phase"], record["waits"], "retries" in record) == ("rate_limited", "1", False)
    assert int(record["next_try_ms"]) == int(record["updated_ms"]) + 60_000
    claimed = store.claim(attempt=2).record
    assert (claimed["phase"], claimed["message"]) == ("rate_limited", "Handed back")
    assert (claimed["progress"], claimed["next_try_ms"]) == ("60", "0")
    store.report_progress(attempt=2, progress=61, message="Generating")
    assert store.record()["phase"] == "generating"


def test_a_retry_that_does_not_wait_for_anything_shows_its_work(store: Store) -> None:
    store.running()
    store.retry_later()

    claimed = store.claim(attempt=2).record

    assert (claimed["phase"], claimed["message"]) == ("generating", "Working")


def test_a_job_that_starts_knows_how_long_earlier_ones_took(store: Store) -> None:
    """Given two runs / when a job waits / I expect no durations in its record; when it starts
    / I expect them, the shortest first.
    """
    store.redis.lpush(DURATIONS, 9.87, 12, "damaged")
    store.redis.expire(DURATIONS, 60)
    store.submit(model="m")
    assert "recent_durations_s" not in store.record()

    assert store.claim().record["recent_durations_s"] == "0.1 9.9 12.0"
