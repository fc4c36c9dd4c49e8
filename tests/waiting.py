"""Waiting for something to become true, in place of sleeping for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    predicate: Callable[[], T], description: str, *, timeout: float = 10.0, every: float = 0.01
) -> T:
    """The first truthy answer; fails with the description after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        if answer := predicate():
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout:g} s in vain until {description}")
        time.sleep(every)
