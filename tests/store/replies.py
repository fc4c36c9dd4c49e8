"""What scripts and groups of commands answer."""

from collections.abc import Iterable
from typing import Any

from loresmith.jobs.store.scripts import pairs


class Reply(tuple[str, ...]):
    """What a script answered: a code, then what belongs to it."""

    @property
    def code(self) -> str:
        return self[0]

    @property
    def record(self) -> dict[str, str]:
        """The fields that follow a claim's code."""
        return pairs(list(self[1:]))

    @property
    def row(self) -> dict[str, str]:
        """The fields that follow a code and an id."""
        return pairs(list(self[2:]))


def in_one_trip(redis: Any, commands: Iterable[tuple[Any, ...]]) -> list[Any]:
    """The replies to commands that are sent together."""
    pipeline = redis.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)
    return list(pipeline.execute())


def flattened(reply: list[Any]) -> list[Any]:
    """A reply whose nested lists have become part of it."""
    return [part for item in reply for part in (item if isinstance(item, list) else [item])]
