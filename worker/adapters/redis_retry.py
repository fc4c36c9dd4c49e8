"""Retries writes while Redis is unavailable, so that a paid result is not lost."""

import re
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from redis.exceptions import (
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    TimeoutError,
    TryAgainError,
)

from loresmith.jobs.core.backoff import Backoff
from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.core.outage_log import REDIS_OUTAGE

log = get_logger(__name__)

T = TypeVar("T")

StoreError = RedisError
"""The base of all errors that the stores raise."""
TRANSIENT_ERRORS = (
    ConnectionError,
    TimeoutError,
    ReadOnlyError,
    OutOfMemoryError,
    ClusterDownError,
    MasterDownError,
    TryAgainError,
)
"""Errors of a server that is unreachable, starting, full or a replica."""
TRANSIENT_CODES = frozenset(
    (
        "BUSY", "CLUSTERDOWN", "FAILOVER", "LOADING", "MASTERDOWN", "MISCONF", "NOREPLICAS", "OOM",
        "READONLY", "TRYAGAIN", "UNBLOCKED",
    )
)  # fmt: skip
"""Codes of the same, and of a server that runs a long script or lacks replicas."""
CODE = re.compile(r"(?:^|-)([A-Z]+)(?= |$)")
"""The code of an error, or a later one: "ERR Error running script: -OOM …"."""
MIN_RETRY_INTERVAL_S, MAX_RETRY_INTERVAL_S = 0.1, 2.0
START_TIMEOUT_S = 30.0
"""How long a starting worker waits for Redis, for example after a restart of both."""


def is_transient(error: RedisError) -> bool:
    """Whether a later try may succeed."""
    codes = CODE.findall(str(error))
    return isinstance(error, TRANSIENT_ERRORS) or not TRANSIENT_CODES.isdisjoint(codes)


def timeout_after(seconds: float) -> Callable[[], bool]:
    """Returns a `given_up` for `retry_until_available` that is true after so many seconds."""
    deadline = time.monotonic() + seconds
    return lambda: time.monotonic() >= deadline


def raise_transient(replies: Iterable[Any]) -> None:
    """Raises the first transient error among the replies of a pipeline."""
    for reply in replies:
        if isinstance(reply, RedisError) and is_transient(reply):
            raise reply


def retry_until_available(write: Callable[[], T], given_up: Callable[[], bool]) -> T:
    """Calls `write` until Redis accepts it, and returns its result.

    Raises the RedisError when it is not transient, or when `given_up` returns true.
    """
    backoff = Backoff(MIN_RETRY_INTERVAL_S, MAX_RETRY_INTERVAL_S)
    while True:
        try:
            return write()
        except RedisError as error:
            if not is_transient(error) or given_up():
                raise
            REDIS_OUTAGE.failed(error)
            log.debug("a write waits for Redis", error=safe(error))
        time.sleep(backoff.next_s())
