"""What a moment is, and how a module collects its own."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.store.driver import Store

Act = Callable[[], object]
"""Runs the script; answers its reply, whole or the part that is named."""
Arrange = Callable[[Store], Act]


@dataclass(frozen=True)
class Moment:
    """Right before `script` answers `answer`."""

    script: str
    answer: str
    arrange: Arrange

    def __str__(self) -> str:
        return f"{self.script}:{self.answer}"


def collector(moments: list[Moment]) -> Callable[[str, str], Callable[[Arrange], Arrange]]:
    """A decorator that keeps a function as a moment: `@moment(script, answer)`."""

    def moment(script: str, answer: str) -> Callable[[Arrange], Arrange]:
        def keep(arrange: Arrange) -> Arrange:
            moments.append(Moment(script, answer, arrange))
            return arrange

        return keep

    return moment
