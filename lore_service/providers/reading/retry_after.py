"""Reads the pause that a provider asks for."""

import math
from email.utils import parsedate_to_datetime
from time import time

import httpx2

MAX_PAUSE_MS = 2**53
MIN_UNIX_TIME_S, MIN_UNIX_TIME_MS = 10**9, 10**12
"""Larger numbers of seconds are points in time."""


def retry_after_ms(headers: httpx2.Headers) -> int:
    """Returns the pause in milliseconds; 0 when there is none, or it cannot be read."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is None:
        seconds = _seconds(headers.get("retry-after", ""))
        milliseconds = seconds * 1000
    return int(max(0.0, min(milliseconds, MAX_PAUSE_MS)))


def _seconds(value: str) -> float:
    seconds = _number(value)
    if seconds is None:
        return _seconds_until(value)
    if MIN_UNIX_TIME_MS <= seconds < MIN_UNIX_TIME_MS * 100:
        return seconds / 1000 - time()
    if MIN_UNIX_TIME_S <= seconds < MIN_UNIX_TIME_S * 100:
        return seconds - time()
    return seconds


def _seconds_until(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - time()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return None if math.isnan(number) else number
