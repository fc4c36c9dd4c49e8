"""Limits of pools and owners, and pauses of the queue."""

from typing import Any

from loresmith.api.schemas.limits import OwnerLimitsRequest, PoolLimitsRequest
from loresmith.api.services.limits import LimitService
from loresmith.jobs.store import keys
from tests.store.direct import DirectPipeline, result_of
from tests.store.driver import QUEUE, Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)

OWNER = "user:u"


def pause(store: Store, scope: str, value: str) -> str:
    """Runs the script itself: the service stores the time."""
    return str(store.run("queue/pause", [keys.PAUSED], scope, value)[0])


@scenario("limits/set", "ok")
def limits_of_a_pool(store: Store) -> Act:
    pipeline: Any = DirectPipeline(store.redis)
    limits = LimitService(pipeline, QUEUE)
    result_of(limits.set_pool("gpt-9", PoolLimitsRequest(requests_per_minute=5)))

    def act() -> str:
        result_of(limits.set_pool("gpt-9", PoolLimitsRequest(concurrency=5)))
        return "ok"

    return act


@scenario("queue/unpark", "ok")
def an_owner_has_room_again(store: Store) -> Act:
    """Given a job that waits for another of its owner, whose limit has gone."""
    pipeline: Any = DirectPipeline(store.redis)
    result_of(LimitService(pipeline, QUEUE).set_owner(OWNER, OwnerLimitsRequest(concurrency=1)))
    store.running()
    store.submit("k")
    store.redis.delete(keys.owner_limits(OWNER))
    return lambda: str(store.run("queue/unpark", [], QUEUE, OWNER)[0])


@scenario("queue/pause", "ok")
def an_owner_is_paused(store: Store) -> Act:
    return lambda: pause(store, f"owner:{OWNER}", "{}")


@scenario("queue/pause", "ok")
def a_paused_owner_is_resumed(store: Store) -> Act:
    pause(store, f"owner:{OWNER}", "{}")
    return lambda: pause(store, f"owner:{OWNER}", "")
