"""Every answer that a script can give, with a moment in which it gives it.

A moment brings a store to the point right before a script is run, and hands back the run. Three
suites walk through all of them: the answers themselves (test_answers), running twice
(test_twice), and keys of a wrong type (test_wrong_types). test_answers also compares this list
with the `Returns` of the scripts' headers, so that none can be forgotten.
"""

from tests.store.moments import of_budgets, of_calls, of_endings, of_running
from tests.store.moments.moment import Moment

MOMENTS: list[Moment] = [
    *of_running.MOMENTS,
    *of_endings.MOMENTS,
    *of_calls.MOMENTS,
    *of_budgets.MOMENTS,
]

__all__ = ["MOMENTS", "Moment"]
