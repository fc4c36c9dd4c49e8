"""Waiting for a condition instead of a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    predicate: Callable[[], T], description: str, *, timeout: float = 10.0, every: float = 0.01
) -> T:
    """Returns the first truthy value; fails with the description after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        if value := predicate():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {description}")
        time.sleep(every)
