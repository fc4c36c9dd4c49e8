"""Background responses: a call survives the lore_service that started it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash_hook import crash_at
from tests.integration.lore_service_harness import (
    SLOW_THEME,
    LoreHarness,
    RpcFailed,
    lore_harness,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[LoreHarness]:
    with lore_harness(tmp_path, LORESMITH_BACKGROUND_RESPONSES="1") as started:
        yield started


def test_a_background_call_is_bought(harness: LoreHarness) -> None:
    call = harness.job()

    received = harness.service.generate(call)

    row = harness.row(call)
    assert received.how == ["STARTED"]
    assert received.text == row["text"]
    assert (row["state"], row["finish_reason"]) == ("done", "stop")
    assert row["response_id"].startswith("resp_")
    assert received.usage
    assert received.usage.output_tokens > 50
    assert harness.billed(call) == 1


@pytest.mark.parametrize("fault", ["noevents", "lateid", "cut"])
def test_a_response_without_events_is_looked_up(harness: LoreHarness, fault: str) -> None:
    """Given a server whose first stream breaks, and that has no events to follow or does not know
    the new id at once / I expect the response looked up by its id, and one purchase.
    """
    call = harness.job()

    received = harness.service.generate(call, theme=f"fault:{fault}")

    assert len(received.items) == 2
    assert harness.state(call) == "done"
    record = harness.provider_record(call)
    assert (record["requests"], record["billed"]) == (1, 1)


def test_another_lore_service_takes_over(harness: LoreHarness) -> None:
    """Given a call in flight / when its lore_service is killed and another lives / I expect the
    other to follow it to its end: nothing unknown, nothing bought again.
    """
    other = harness.add()
    call = harness.job()
    harness.streaming(call)
    harness.service.part.kill()

    received = other.generate(call, theme=SLOW_THEME)

    assert received.how == ["ATTACHED"]
    assert len(received.items) == 2
    assert harness.state(call) == "done"
    record = harness.provider_record(call)
    assert (record["requests"], record["billed"], record["outcome"]) == (1, 1, "delivered")
    assert harness.redis.zcard("calls:deadlines") == 0


@pytest.mark.parametrize(("point", "state"), [("L3", "unknown"), ("L4", "done")])
def test_a_stored_response_id_saves_the_call(harness: LoreHarness, point: str, state: str) -> None:
    """Given a lore_service that dies before or after it stored the response id / I expect the call
    unknown, or followed to its end; one request either way.
    """
    harness.service.part.kill()
    harness.service.start(**crash_at(point))
    call = harness.job()
    with pytest.raises(RpcFailed, match="UNAVAILABLE"):
        harness.service.generate(call)
    assert harness.service.part.process
    assert harness.service.part.process.wait(10) == -signal.SIGKILL
    harness.service.start()

    wait_until(lambda: harness.state(call) == state, f"the call is {state}")

    assert harness.provider_record(call)["requests"] == 1


def test_shutdown_leaves_the_call_to_the_next_lore_service(harness: LoreHarness) -> None:
    """Given a call in flight / when the lore_service stops at once / I expect the provider to
    continue, and the next lore_service to follow the call.
    """
    harness.service.part.kill()
    harness.service.start(LORESMITH_LORE_SERVICE_GRACE_S="0")
    call = harness.job()
    harness.streaming(call)
    harness.service.part.stop()
    assert harness.state(call) == "intent"

    harness.service.start()

    wait_until(lambda: harness.state(call) == "done", "the call is done")
    assert harness.provider_record(call)["requests"] == 1


def test_cancel_stops_the_response_by_its_id(harness: LoreHarness) -> None:
    """Given a call in flight / when it is cancelled / I expect the provider stopped, its usage
    known, and the text so far stored.
    """
    call = harness.job()
    harness.streaming(call)

    assert harness.service.cancel(call) == "CANCELLED"

    row = harness.row(call)
    assert len(row["text"]) > 20
    assert '"output_tokens"' in row["usage"]
    assert harness.provider_record(call)["outcome"] == "cancelled"
