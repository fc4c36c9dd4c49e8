"""What scripts and groups of commands answer."""

from collections.abc import Callable, Iterable
from typing import Any

from loresmith.api.services.job_query import JobQuery, JobSearch
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


def read_page(query: JobQuery, run: Callable[..., list[str]]) -> list[str]:
    """Score and id of the cursor, then the ids, from as many runs of the script as it takes."""
    search, page = JobSearch(query), None
    while page is None:
        page = search.add(run("jobs/list", [query.source], *search.arguments()))
    return [*page.last, *page.ids]
