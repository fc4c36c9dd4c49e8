"""One row of the table."""

from dataclasses import dataclass
from pathlib import Path

from tests.mutants import lua, python
from tests.mutants.errors import NoPlace

TABLE = Path(__file__).with_name("table.txt")
STORE = "tests/store"


@dataclass(frozen=True)
class Mutant:
    """One rule, taken away."""

    file: str
    where: str
    """A qualified name of Python, or an anchor of Lua."""
    operator: str
    rule: str
    """What goes wrong without it."""
    tests: tuple[str, ...]
    """Where some test must fail."""

    @property
    def name(self) -> str:
        return f"{self.file}: {self.rule}"

    def applied_to(self, text: str) -> str:
        """The source without the rule. Raises NoPlace."""
        language = lua if self.file.endswith(".lua") else python
        try:
            return language.mutated(text, self.where, self.operator)
        except NoPlace as error:
            raise NoPlace(f"{self.name}: {self.where}, {self.operator}: {error}") from None


def mutants(table: str) -> list[Mutant]:
    """The rows of a table; see the head of table.txt."""
    rows: list[Mutant] = []
    file, tests = "", (STORE,)
    for line in table.splitlines():
        if line.startswith("["):
            file, *named = line.strip("[]").split()
            tests = tuple(named) or (STORE,)
        elif line and not line.startswith("#"):
            where, operator, rule = (cell.strip() for cell in line.split("|"))
            rows.append(Mutant(file, where, operator, rule, tests))
    return rows
