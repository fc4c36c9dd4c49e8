"""Rules that are taken away, one at a time; a test must fail for each."""

from tests.mutants.mutant import TABLE, Mutant, NoPlace, mutants

MUTANTS = mutants(TABLE.read_text(encoding="utf-8"))

__all__ = ["MUTANTS", "Mutant", "NoPlace", "mutants"]
