"""What a mutant is."""

from dataclasses import dataclass


class StaleMutant(ValueError):
    """The text that a mutant changes is not there once; the rule was rewritten: rewrite the
    mutant.
    """


@dataclass(frozen=True)
class Mutant:
    """One rule, taken away."""

    name: str
    """What is wrong with it, in a few words."""
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = ("tests/store",)
    """Where some test must turn red."""

    def applied_to(self, text: str) -> str:
        """The text without the rule. Raises StaleMutant."""
        if (found := text.count(self.old)) != 1:
            raise StaleMutant(f"{self.name}: {self.file} has {self.old!r} {found} times, not once")
        return text.replace(self.old, self.new)


def lua(script: str, name: str, old: str, new: str = "") -> Mutant:
    """A mutant of a script, which the store suite must kill."""
    return Mutant(f"{script}: {name}", f"jobs/lua/{script}.lua", old, new)
