"""A script is sent again when its reply is lost, and when its record has expired: both are
harmless.
"""

import pytest

from tests.store.driver import Store
from tests.store.scenarios import SCENARIOS, Scenario
from tests.store.snapshot import timeless

AFTER_A_DAY = [scenario for scenario in SCENARIOS if scenario.script != "jobs/submit"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_twice_is_once(store: Store, scenario: Scenario) -> None:
    """Given a script that has run / when it is sent again / I expect nothing but clocks to move."""
    act = scenario.arrange(store)
    act()
    once = timeless(store.redis)

    act()

    assert timeless(store.redis) == once


@pytest.mark.parametrize("scenario", AFTER_A_DAY, ids=str)
def test_a_late_script_leaves_no_ghost(store: Store, scenario: Scenario) -> None:
    """Given a job that has expired / when a script about it arrives
    / I expect no key of it to return.
    """
    act = scenario.arrange(store)
    store.expire_keys()

    act()

    assert [
        key for key in store.redis.scan_iter() if key.startswith(("job:", "call:", "idem:"))
    ] == []
