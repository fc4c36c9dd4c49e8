"""How many connections and event streams one process serves, so that no client takes them all."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from loresmith.api.http.problems import Problem
from loresmith.jobs.core.file_limit import file_limit

OWN_FILES = 48
"""Descriptors for Redis, the database, the lore_service and logs."""
STREAM_SHARE = 0.75
"""Of the connections; the others are for requests that end at once."""
RETRY_AFTER_S = 10


def max_connections() -> int:
    """Returns how many clients may be connected; the limit of open files is never reached."""
    return max(1, file_limit() - OWN_FILES)


class TooManyStreams(Problem):
    """Closes the connection, whose descriptor others need."""

    def __init__(self, detail: str) -> None:
        headers = {"Retry-After": str(RETRY_AFTER_S), "Connection": "close"}
        detail = f"{detail} Close some, or poll."
        super().__init__("too-many-streams", detail, headers=headers)


class StreamLimits:
    """Counts the open streams and waits of the process."""

    def __init__(self, maximum: int, per_principal: int) -> None:
        self._maximum = min(maximum, int(max_connections() * STREAM_SHARE))
        self._per_principal = per_principal
        self._open: Counter[str] = Counter()

    @contextmanager
    def open_stream(self, principal_id: str) -> Iterator[None]:
        """Counts a stream until the end of the block. Raises Problem when there are too many."""
        if self._open[principal_id] >= self._per_principal:
            raise TooManyStreams(f"Your credential has {self._per_principal} open streams.")
        if self._open.total() >= self._maximum:
            raise TooManyStreams("The server has as many open streams as it can serve.")
        self._open[principal_id] += 1
        try:
            yield
        finally:
            self._open[principal_id] -= 1
            if not self._open[principal_id]:
                del self._open[principal_id]
