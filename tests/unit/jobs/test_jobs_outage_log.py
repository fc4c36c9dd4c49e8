"""An outage is one line in the log, and its end another."""

import logging

import pytest

from loresmith.jobs.core.outage_log import QUIET_S, OutageLog


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_thousand_failures_of_all_components_are_two_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    outage = OutageLog("Redis", logging.getLogger("loresmith.redis"), clock)
    for _ in range(1_000):
        outage.failed("refused")
        clock.now += 0.01
        outage.succeeded()  # sent before the outage
    clock.now += QUIET_S
    outage.succeeded()
    outage.succeeded()

    assert [record.message.split(":")[0] for record in caplog.records] == [
        "Redis is unavailable",
        "Redis is available again after 12 s",
    ]


def test_the_next_outage_is_logged_again(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    outage = OutageLog("Redis", logging.getLogger("loresmith.redis"), clock)
    for _ in range(2):
        outage.failed("refused")
        clock.now += QUIET_S
        outage.succeeded()

    assert len(caplog.records) == 4
