"""The rules that tests/mutations.py takes away, one at a time; a module for each part of the
house.
"""

from tests.mutants import of_budgets, of_calls, of_endings, of_parts, of_processes, of_running
from tests.mutants.mutant import Mutant

MUTANTS: list[Mutant] = [
    *of_running.MUTANTS,
    *of_endings.MUTANTS,
    *of_calls.MUTANTS,
    *of_budgets.MUTANTS,
    *of_processes.MUTANTS,
    *of_parts.MUTANTS,
]

__all__ = ["MUTANTS", "Mutant"]
