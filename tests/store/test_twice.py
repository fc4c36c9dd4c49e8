"""A script is sent again when its reply is lost, and when its record has expired: both are
harmless.
"""

import pytest

from tests.store.driver import Store
from tests.store.moments import MOMENTS, Moment
from tests.store.snapshot import timeless

AFTER_A_DAY = [moment for moment in MOMENTS if moment.script != "submit"]


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_twice_is_once(store: Store, moment: Moment) -> None:
    """Given a script that has run / when it is sent again / I expect nothing but clocks to move."""
    act = moment.arrange(store)
    act()
    once = timeless(store.redis)

    act()

    assert timeless(store.redis) == once


@pytest.mark.parametrize("moment", AFTER_A_DAY, ids=str)
def test_a_late_script_leaves_no_ghost(store: Store, moment: Moment) -> None:
    """Given a job that has expired / when a script about it arrives
    / I expect no key of it to return.
    """
    act = moment.arrange(store)
    store.expire()

    act()

    assert [
        key for key in store.redis.scan_iter() if key.startswith(("job:", "call:", "idem:"))
    ] == []
