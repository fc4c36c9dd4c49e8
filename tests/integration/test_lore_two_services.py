"""Two lore_services on the same ledger: a call is bought once, whichever gets the request."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.lore_service_harness import (
    SLOW_THEME,
    LoreHarness,
    receive,
)
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def second(harness: LoreHarness) -> Any:
    return harness.add()


def test_another_lore_service_follows_the_call(harness: LoreHarness, second: Any) -> None:
    """Given a call that one lore_service runs / when another gets the request / I expect it to
    pass on the text as it grows, and not to buy.
    """
    call = harness.job()
    own = harness.service.stream(call, theme=SLOW_THEME)
    next(own)

    stream = second.stream(call, theme=SLOW_THEME)
    grown = [message.delta.text for message in stream if message.HasField("delta")]

    assert len(grown) > 1, "the text came in one piece, at the end"
    assert "".join(grown) == receive(own).text
    assert harness.billed(call) == 1


def test_a_call_longer_than_its_lease(harness: LoreHarness, second: Any) -> None:
    """Given a call that takes longer than a lease / I expect the lease renewed, and nobody to give
    it up.
    """
    call = harness.job()

    harness.service.generate(call, theme=SLOW_THEME)

    logs = [service.part.log.read_text() for service in (harness.service, second)]
    assert not any(f"the lore service of a call is gone call_id={call}" in log for log in logs)


def test_another_lore_service_replays_it(harness: LoreHarness, second: Any) -> None:
    call = harness.job()
    first = harness.service.generate(call)

    assert second.generate(call).result == first.result
    assert harness.billed(call) == 1


def test_cancelling_through_another_lore_service(harness: LoreHarness, second: Any) -> None:
    """Given a call that one lore_service runs / when another gets the cancel / I expect the
    first to stop it at its next heartbeat.
    """
    call = harness.job()
    next(harness.service.stream(call, theme=SLOW_THEME))

    assert second.cancel(call) in ("INTENT", "CANCELLED")

    wait_until(lambda: harness.state(call) == "cancelled", "the call is cancelled")


def test_concurrent_calls_to_both(harness: LoreHarness, second: Any) -> None:
    """Given two lore_services / when both are asked for forty calls / I expect forty purchases."""
    calls = [harness.job() for _ in range(40)]

    with ThreadPoolExecutor(16) as pool:
        received = list(
            pool.map(
                lambda i: harness.services[i % 2].generate(calls[i // 2]), range(2 * len(calls))
            )
        )

    assert [harness.billed(call) for call in calls] == [1] * 40
    assert all(received[i].result == received[i + 1].result for i in range(0, 80, 2))
