"""An outage is a line at its start, one a minute, and one at its end."""

import pytest

from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.outage_log import QUIET_S, REMINDER_INTERVAL_S, OutageLog

REFUSED = ConnectionRefusedError(111, "Connection refused")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_thousand_failures_of_all_components_are_two_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    outage = OutageLog("Redis", get_logger("loresmith.redis"), clock)
    for _ in range(1_000):
        outage.failed(REFUSED)
        clock.now += 0.01
        outage.succeeded()  # sent before the outage
    clock.now += QUIET_S
    outage.succeeded()
    outage.succeeded()

    assert caplog.messages == [
        'Redis is unavailable error="ConnectionRefusedError: Connection refused"',
        "Redis is available again seconds=12",
    ]


def test_a_long_outage_is_a_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    outage = OutageLog("Redis", get_logger("loresmith.redis"), clock)
    while clock.now < 10 * REMINDER_INTERVAL_S:
        outage.failed(REFUSED)
        clock.now += 0.5

    assert len(caplog.records) == 10
    assert caplog.messages[-1].startswith("Redis is still unavailable seconds=540 ")


def test_the_end_is_logged_though_its_only_success_came_soon(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    outage = OutageLog("Redis", get_logger("loresmith.redis"), clock)
    outage.failed(REFUSED)
    clock.now += QUIET_S
    outage.watch()  # nothing has succeeded yet
    outage.failed(REFUSED)
    outage.succeeded()
    outage.watch()
    clock.now += QUIET_S
    outage.watch()

    assert len(caplog.records) == 2


def test_the_next_outage_is_logged_again(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    outage = OutageLog("Redis", get_logger("loresmith.redis"), clock)
    for _ in range(2):
        outage.failed(REFUSED)
        clock.now += QUIET_S
        outage.succeeded()

    assert len(caplog.records) == 4
