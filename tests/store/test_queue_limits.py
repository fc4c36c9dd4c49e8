"""No more unfinished jobs than the limits allow, however many arrive at once."""

from collections import Counter

import pytest

from loresmith.jobs.store import keys
from tests.store.direct import identity
from tests.store.driver import Store
from tests.store.test_races import at_once

LIMITS = (3, 2)
OF_MIRA, OF_TOM = {"user_id": "mira"}, {"user_id": "tom"}


def test_a_user_without_room_is_told_his_limit(store: Store) -> None:
    """Given a user with two jobs / when a third comes / I expect a refusal that writes nothing;
    another user has room until all have three.
    """
    for job_id in ("m1", "m2"):
        assert store.submit(job_id, **OF_MIRA, limits=LIMITS).outcome == "created"
    before = sorted(store.redis.keys())

    refused = store.submit("m3", key="k", **OF_MIRA, limits=LIMITS)
    assert (refused.outcome, refused.record) == ("full", {"scope": "user", "limit": 2})
    assert sorted(store.redis.keys()) == before
    assert store.submit("t1", **OF_TOM, limits=LIMITS).outcome == "created"
    assert store.submit("t2", **OF_TOM, limits=LIMITS).record == {"scope": "all", "limit": 3}


def test_a_repeated_request_returns_its_job(store: Store) -> None:
    store.submit("m1", key="k", **OF_MIRA, limits=(1, 1))

    assert identity(store.submit("m2", key="k", **OF_MIRA, limits=(1, 1))) == (
        "existing",
        "m1",
    )
    assert identity(store.submit("m1", **OF_MIRA, limits=(1, 1))) == ("existing", "m1")


@pytest.mark.parametrize("outcome", ["completed", "failed"])
def test_an_ended_job_makes_room(store: Store, outcome: str) -> None:
    store.submit("m1", **OF_MIRA, limits=(9, 1))
    store.claim("m1")
    assert store.submit("m2", **OF_MIRA, limits=(9, 1)).outcome == "full"
    store.finish("m1", outcome=outcome)

    assert store.submit("m2", **OF_MIRA, limits=(9, 1)).outcome == "created"


def test_a_retry_needs_room_and_takes_it(store: Store) -> None:
    """Given an ended job and a full queue / I expect no retry; with room, one that counts."""
    store.running("m1", **OF_MIRA)
    store.finish("m1", outcome="failed")
    store.submit("m2", **OF_MIRA)
    store.submit("t1", **OF_TOM)

    assert store.retry("m1", limits=(9, 1)).outcome == "full"
    assert store.record("m1")["status"] == "failed"
    assert store.retry("m1", limits=(9, 2)).outcome == "ok"
    assert store.submit("m3", **OF_MIRA, limits=(9, 2)).outcome == "full"


def test_a_deleted_record_leaves_the_count(store: Store) -> None:
    """Given a record that an operator removed by hand / I expect the reconciler to make room."""
    store.submit("m1", **OF_MIRA)
    store.redis.delete(keys.job("m1"), keys.updates("m1"))
    store.make_due("m1")
    store.reconciler().reconcile()

    assert store.submit("m2", **OF_MIRA, limits=(1, 1)).outcome == "created"


@pytest.mark.integration
@pytest.mark.parametrize("redis", ["real"], indirect=True)
def test_a_hundred_at_once_stay_below_the_limit(store: Store) -> None:
    """Given room for 30, 20 of them of one user / when 100 threads submit three jobs each
    / I expect exactly as many.
    """
    owners = [OF_MIRA, OF_TOM]
    replies = at_once(
        lambda n: [store.submit(f"j{n}-{i}", **owners[n % 2], limits=(30, 20)) for i in range(3)]
    )

    outcomes = Counter(reply.outcome for each in replies for reply in each)
    assert outcomes == {"created": 30, "full": 270}
    assert len(store.due()) == 30
    counts = [store.redis.zcard(keys.by("active_user_id", user)) for user in ("mira", "tom")]
    assert sum(counts) == 30
    assert max(counts) <= 20
