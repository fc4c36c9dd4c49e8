"""Durations in words."""

import pytest

from loresmith.jobs.core.duration import in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 seconds"),
        (0, "0 seconds"),
        (0.4, "less than a second"),
        (1, "1 second"),
        (59.6, "1 minute"),
        (90, "1 minute 30 seconds"),
        (3_600, "1 hour"),
        (3_601, "1 hour"),
        (7_500, "2 hours 5 minutes"),
        (90_061, "1 day 1 hour"),
        (1.8e9, "57 years 28 days"),
        (1e30, "more than 100 years"),
    ],
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds).startswith(words)
