"""The leak checker itself: each sort of leak is found, and a clean store has none."""

from typing import Any

import pytest

from tests.store.driver import Store
from tests.store.leaks import leaks


@pytest.fixture
def no_leaks() -> None:
    """Off: these tests leak on purpose."""


LEAKS: dict[str, tuple[str, Any]] = {
    "an unknown key": ("job:j:secrets is not in the catalogue", ("set", "job:j:secrets", 1)),
    "a wrong type": ("job:k is a string, the catalogue says hash", ("set", "job:k", 1)),
    "a living job with an end": ("job:j has a TTL of", ("pexpire", "job:j", 1000)),
    "a finished job without one": ("job:done has a TTL of -1 ms", ("persist", "job:done")),
    "one that stays too long": ("job:done has a TTL of", ("pexpire", "job:done", 90_000_000)),
    "an orphaned call": ("call:gone/s/0 has a TTL of -1 ms", ("hset", "call:gone/s/0", "a", 1)),
    "statistics for ever": ("durations:a:b has a TTL of -1 ms", ("lpush", "durations:a:b", 1)),
    "an index that ends": ("jobs:deadlines has a TTL of", ("pexpire", "jobs:deadlines", 1000)),
}


@pytest.mark.parametrize(("matches", "command"), LEAKS.values(), ids=LEAKS)
def test_a_leak_is_found(store: Store, matches: str, command: tuple[Any, ...]) -> None:
    """Given a clean store / when one key is out of order / I expect just that to be said."""
    store.running(key="k")
    store.submit("done")
    store.cancel("done")
    assert leaks(store.redis) == []

    name, *arguments = command
    getattr(store.redis, name)(*arguments)

    assert [leak[: len(matches)] for leak in leaks(store.redis)] == [matches]
