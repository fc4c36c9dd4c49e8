"""Every answer that a script can give, with a scenario in which it gives it.

A scenario brings a store to the point right before a script is run, and hands back the run. Three
suites walk through all of them: the answers themselves (test_answers), running twice
(test_twice), and keys of a wrong type (test_wrong_types). test_answers also compares this list
with the `Returns` of the scripts' headers, so that none can be forgotten.
"""

from tests.store.scenarios import (
    of_budgets,
    of_calls,
    of_endings,
    of_keys,
    of_limits,
    of_parts,
    of_running,
    of_sdk_retries,
    of_sessions,
)
from tests.store.scenarios.scenario import Scenario

SCENARIOS: list[Scenario] = [
    *of_running.SCENARIOS,
    *of_endings.SCENARIOS,
    *of_calls.SCENARIOS,
    *of_budgets.SCENARIOS,
    *of_keys.SCENARIOS,
    *of_sessions.SCENARIOS,
    *of_limits.SCENARIOS,
    *of_parts.SCENARIOS,
    *of_sdk_retries.SCENARIOS,
]

__all__ = ["SCENARIOS", "Scenario"]
