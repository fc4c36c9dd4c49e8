"""Redis may go away for a while; what a job has earned is written when it is back."""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from redis.exceptions import (
    ConnectionError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

PASSING = (
    ConnectionError,
    TimeoutError,
    ReadOnlyError,
    OutOfMemoryError,
    MasterDownError,
    TryAgainError,
)
"""Errors of a server that is away, starting, full or a replica: a later try may succeed."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
START_S = 30.0
"""How long a starting worker waits for a Redis that is away, as it is after a restart of both."""


def passes(error: RedisError) -> bool:
    """Whether a later try may succeed. MISCONF is a server that cannot write to its disk now."""
    misconfigured = isinstance(error, ResponseError) and str(error).startswith("MISCONF")
    return isinstance(error, PASSING) or misconfigured


def after(seconds: float) -> Callable[[], bool]:
    """Whether so much time has passed since now; for `patiently`."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until


def raise_passing(replies: Iterable[Any]) -> None:
    """Raises the first error among the replies of a pipeline that a later try may not meet."""
    for reply in replies:
        if isinstance(reply, RedisError) and passes(reply):
            raise reply


def patiently(write: Callable[[], T], given_up: Callable[[], bool], what: str) -> T:
    """The answer of `write`, tried until Redis takes it, or until `given_up` says so.

    Raises the RedisError when it is none that passes, or when it is given up.
    """
    pause = FIRST_PAUSE_S
    while True:
        try:
            return write()
        except RedisError as error:
            if not passes(error) or given_up():
                raise
            if pause == FIRST_PAUSE_S:
                log.warning("%s waits for Redis: %s", what, error)
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_S)
