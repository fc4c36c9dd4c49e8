"""Killed, paused or unavailable processes: nothing is bought twice, nothing paid is lost."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.crash_hook import crash_at
from tests.integration.lore_service_harness import (
    SHORT_LEASES,
    SLOW_THEME,
    LoreHarness,
    RpcFailed,
    lore_harness,
    receive,
)
from tests.stack import listens
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

LEASE_S = float(SHORT_LEASES["LORESMITH_CALL_LEASE_S"])
HEARTBEAT_S = float(SHORT_LEASES["LORESMITH_CALL_HEARTBEAT_INTERVAL_S"])


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[LoreHarness]:
    with lore_harness(tmp_path) as started:
        yield started


# --- the lore_service dies


def test_a_killed_lore_service_leaves_its_call_unknown(harness: LoreHarness) -> None:
    """Given a call in flight / when its lore_service is killed and another lives / I expect it
    unknown after its lease, its text stored, and nothing bought again.
    """
    other = harness.add()
    call = harness.job()
    harness.streaming(call)
    harness.service.part.kill()

    error = other.failure(call, theme=SLOW_THEME)

    assert (error.status, error.code) == (grpc.StatusCode.DATA_LOSS, "llm_outcome_unknown")
    assert error.error.may_be_bought
    assert len(error.error.text) > 50
    assert error.received.text == harness.row(call)["text"]
    assert error.received.text.startswith(error.error.text.rstrip("…"))
    assert harness.redis.zcard("calls:deadlines") == 0
    assert harness.provider_record(call)["requests"] == 1


def test_an_unknown_call_is_bought_again_with_consent_only(harness: LoreHarness) -> None:
    """Given an unknown call / when a user consents to buy it again / I expect one request, for
    the next generation.
    """
    call = harness.job()
    harness.streaming(call)
    harness.service.part.kill()
    harness.service.start()
    assert harness.service.failure(call, theme=SLOW_THEME).code == "llm_outcome_unknown"
    job = call.split("/")[0]
    harness.store.finish(job, outcome="failed")
    harness.store.retry(job, consent=True)
    harness.store.claim(job, attempt=2)

    received = harness.service.generate(f"{job}/generate/1", attempt=2)

    assert received.how == ["STARTED"]
    assert (harness.billed(call), harness.billed(f"{job}/generate/1")) == (1, 1)


@pytest.mark.parametrize(
    ("point", "billed", "state"),
    [
        ("L1", 0, "unknown"),  # recorded, not sent: which the ledger cannot know
        ("L2", 1, "unknown"),
        ("L5", 1, "unknown"),  # the result was in memory only
        ("L6", 1, "done"),
    ],
)
def test_crash_points(harness: LoreHarness, point: str, billed: int, state: str) -> None:
    """Given a lore_service that dies at this point / when it is back / I expect the call settled,
    bought at most once, and replayed if its result was stored.
    """
    harness.service.part.stop()
    harness.service.start(**crash_at(point))
    call = harness.job()
    with pytest.raises(RpcFailed) as caught:
        harness.service.generate(call)
    assert caught.value.status is grpc.StatusCode.UNAVAILABLE
    assert harness.service.part.process
    assert harness.service.part.process.wait(10) == -signal.SIGKILL
    harness.service.start()
    wait_until(lambda: harness.state(call) == state, f"the call is {state}")

    if state == "done":
        assert harness.service.generate(call).how == ["REPLAYED"]
    else:
        assert harness.service.failure(call).code == "llm_outcome_unknown"
    assert harness.billed(call) == billed


def test_a_result_after_a_pause_corrects_the_row(harness: LoreHarness) -> None:
    """Given a lore_service paused during a call, which becomes unknown / when it continues and gets
    the result / I expect the row corrected, and the result replayed.
    """
    other = harness.add()
    call = harness.job()
    harness.streaming(call)
    harness.service.part.pause()
    assert other.failure(call, theme=SLOW_THEME).code == "llm_outcome_unknown"

    harness.service.part.resume()

    wait_until(lambda: harness.state(call) == "done", "the late result is stored")
    assert other.generate(call, theme=SLOW_THEME).how == ["REPLAYED"]
    assert harness.billed(call) == 1


# --- Redis dies


def test_redis_dies_before_the_result(harness: LoreHarness) -> None:
    """Given Redis killed during a call / I expect the result returned, stored in the journal, and
    moved to Redis once it is back.
    """
    call = harness.job()
    stream = harness.streaming(call)
    harness.server.kill()

    received = receive(stream)

    assert received.result
    assert list((harness.service.data_dir / "calls").iterdir())
    harness.server.start()
    wait_until(lambda: harness.state(call) == "done", "the journal is in the ledger")
    assert harness.row(call)["text"] == received.text
    wait_until(
        lambda: not list((harness.service.data_dir / "calls").iterdir()), "the journal is empty"
    )
    assert harness.service.generate(call, theme=SLOW_THEME).how == ["REPLAYED"]
    assert harness.billed(call) == 1


def test_redis_and_the_lore_service_die(harness: LoreHarness) -> None:
    """Given a result in the journal / when its lore_service is killed too, and both restart / I
    expect the result in the ledger.
    """
    call = harness.job()
    stream = harness.streaming(call)
    harness.server.kill()
    receive(stream)
    harness.service.part.kill()

    harness.server.start()
    harness.service.start()

    wait_until(lambda: harness.state(call) == "done", "the journal is in the ledger")
    assert harness.service.generate(call, theme=SLOW_THEME).how == ["REPLAYED"]
    assert harness.billed(call) == 1


def test_redis_is_unavailable_at_the_start_of_a_call(harness: LoreHarness) -> None:
    """Given no Redis / when a call is requested and Redis comes back / I expect it bought once."""
    call = harness.job()
    harness.server.kill()
    stream = harness.service.stream(call)
    wait_until(
        lambda: "Redis is unavailable" in harness.service.part.log.read_text(), "it has noticed"
    )

    harness.server.start()

    assert receive(stream).how == ["STARTED"]
    assert harness.billed(call) == 1


def test_redis_is_unavailable_for_longer_than_a_lease(harness: LoreHarness) -> None:
    """Given a lease that expires while Redis is unavailable / when Redis is back before the lease
    holder renews it / I expect another lore_service to wait for the renewal.
    """
    other = harness.add()
    call = harness.job()
    stream = harness.streaming(call)
    harness.service.part.pause()
    harness.server.kill()
    over = time.monotonic() + LEASE_S
    wait_until(lambda: time.monotonic() > over, "the lease is over")

    harness.server.start()
    wait_until(
        lambda: "Redis is available again" in other.part.log.read_text(),
        "the other maintains calls",
    )

    two_heartbeats = time.monotonic() + 4 * HEARTBEAT_S
    while time.monotonic() < two_heartbeats:
        assert harness.state(call) == "intent"
    harness.service.part.resume()
    assert receive(stream).result
    wait_until(lambda: harness.state(call) == "done", "the call is stored")
    assert harness.billed(call) == 1


# --- shutdown


def test_a_graceful_stop(harness: LoreHarness) -> None:
    """Given a call in flight / when the lore_service stops / I expect a new one to serve on its
    port at once, and the old one to finish the call.
    """
    call = harness.job()
    stream = harness.streaming(call)
    old = harness.service.part.process
    assert old
    harness.offline.pause()
    try:
        old.send_signal(signal.SIGTERM)
        wait_until(lambda: not listens(harness.service.port), "the port is free")
        harness.service.start()
        assert harness.service.health() == "SERVING"
        assert old.poll() is None, "the old one still runs its call"
    finally:
        harness.offline.resume()

    assert receive(stream).result
    assert harness.service.generate(harness.job()).result
    assert old.wait(10) == 0
    assert harness.state(call) == "done"
    assert harness.billed(call) == 1


def test_a_second_signal_ends_the_grace_period(harness: LoreHarness) -> None:
    """Given a stop with a long grace period / when a second signal comes / I expect an exit, the
    call unknown with its text, and the failure returned.
    """
    call = harness.job()
    stream = harness.streaming(call)
    process = harness.service.part.process
    assert process
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: "stopping" in harness.service.part.log.read_text(), "it is stopping")

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    with pytest.raises(RpcFailed) as caught:
        receive(stream)
    assert caught.value.code == "llm_outcome_unknown"
    assert harness.row(call)["text"] == caught.value.received.text
    assert harness.state(call) == "unknown"
    assert harness.redis.zcard("calls:deadlines") == 0
