"""What a scenario is, and how a module collects its own."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.store.driver import Store

Act = Callable[[], object]
"""Runs the script; answers its reply, whole or the part that is named."""
Arrange = Callable[[Store], Act]


@dataclass(frozen=True)
class Scenario:
    """Right before `script` answers `answer`."""

    script: str
    answer: str
    arrange: Arrange

    def __str__(self) -> str:
        return f"{self.script}:{self.answer}"


def collector(scenarios: list[Scenario]) -> Callable[[str, str], Callable[[Arrange], Arrange]]:
    """A decorator that keeps a function as a scenario: `@scenario(script, answer)`."""

    def scenario(script: str, answer: str) -> Callable[[Arrange], Arrange]:
        def keep(arrange: Arrange) -> Arrange:
            scenarios.append(Scenario(script, answer, arrange))
            return arrange

        return keep

    return scenario
