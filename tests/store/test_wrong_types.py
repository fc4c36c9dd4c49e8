"""A key of a wrong type stops a script before its first write: Lua does not roll back."""

from collections.abc import Callable

import pytest
from fakeredis import FakeRedis, FakeServer
from redis import Redis
from redis.exceptions import ResponseError

from tests.store.driver import Store
from tests.store.scenarios import SCENARIOS, Scenario
from tests.store.snapshot import exact


@pytest.fixture
def no_leaks() -> None:
    """Off: these tests damage their keys."""


@pytest.fixture
def fresh(redis: Redis) -> Callable[[], Store]:
    """Empties the database for the next try."""

    def empty() -> Store:
        redis.flushall()
        return Store(redis)

    return empty


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_nothing_is_half_written(fresh: Callable[[], Store], scenario: Scenario) -> None:
    """Given one damaged key, each in turn / when a script fails
    / I expect it to have written nothing.
    """
    for key in touched(scenario):
        store = fresh()
        act = scenario.arrange(store)
        damage(store.redis, key)
        before = exact(store.redis)
        try:
            act()
        except ResponseError:
            assert exact(store.redis) == before, (
                f"{scenario} wrote something before {key} stopped it"
            )


def touched(scenario: Scenario) -> list[str]:
    """The keys that exist before or after the scenario's script."""
    store = Store(FakeRedis(server=FakeServer(), decode_responses=True))
    act = scenario.arrange(store)
    before = set(store.redis.scan_iter())
    act()
    return sorted(before | set(store.redis.scan_iter()))


def damage(redis: Redis, key: str) -> None:
    """Puts a value of another type in the place of a key."""
    was_string = redis.type(key) == "string"
    redis.delete(key)
    if was_string or key.startswith("idem:"):
        redis.rpush(key, "damage")
    else:
        redis.set(key, "damage")
