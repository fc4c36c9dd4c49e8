"""Which workers and lore_services live, and with which job types."""

from loresmith.jobs.store import keys
from loresmith.jobs.store.parts import LEASE_MS, LivePart, differences
from tests.store.driver import Store
from tests.store.scenarios.of_parts import PART, announce


def now_ms(store: Store) -> int:
    seconds, micros = store.redis.time()
    return int(seconds) * 1000 + int(micros) // 1000


def test_an_announcement_lasts_for_its_lease(store: Store) -> None:
    announce(store)

    ((member, until),) = store.redis.zrange(keys.PARTS, 0, -1, withscores=True)
    assert LivePart.parse(member) == PART
    assert 0 < until - now_ms(store) <= LEASE_MS
    assert store.redis.get(keys.job_types("cafe")) == '{"create_world":"beef"}'


def test_a_part_that_is_gone_is_forgotten(store: Store) -> None:
    """Given a worker that was killed / when another announces itself / I expect only that one."""
    store.redis.zadd(keys.PARTS, {"worker|gone|cafe": now_ms(store) - 1})

    announce(store)

    assert store.redis.zrange(keys.PARTS, 0, -1) == [PART.member]


def test_differences_are_named() -> None:
    own = {"same": "1", "changed": "1", "missing": "1"}

    assert differences(own, [(PART, {"same": "1", "changed": "2", "added": "1"})]) == [
        "worker anna.1 lacks missing, has another changed, has also added"
    ]
    assert differences(own, [(PART, own)]) == []
