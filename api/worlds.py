"""The worlds that were saved for good."""

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.answers import JSON
from api.operation import Answer, Parameter, operation
from api.problems import Problem, echo, invalid, parameter
from archive import Archive, ArchiveRefused, WorldSummary
from archive import Worlds as SavedWorlds

T = TypeVar("T")

LIMIT = re.compile(r"[0-9]{1,3}")
MOST = 200

WORLD_ID = Parameter("id", "path", "The id of a world, which is that of its job", required=True)
USER_ID = Parameter("user_id", "query", "Whose worlds", required=True)
PAGE_SIZE = Parameter(
    "limit",
    "query",
    "How many at a time",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": 50},
)
CURSOR = Parameter("cursor", "query", "`next_cursor` of the page before")


class Worlds:
    """The routes that read the archive. It blocks, so it is asked on a thread."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    @operation(
        "Read a world",
        {200: Answer("The world, whole.", "SavedWorld")},
        problems=("world-not-found", "temporary-reduced-capacity"),
        parameters=(WORLD_ID,),
    )
    async def read(self, request: Request) -> Response:
        """A world outlives its job: it is kept until somebody deletes it from the database."""
        given: str = request.path_params["id"]
        world = await self._ask(lambda worlds: worlds.get(given.lower()))
        if world is None:
            raise Problem("world-not-found", f"There is no world {echo(given)}.")
        return JSON(_summary(world) | {"content": world.content})

    @operation(
        "List a user's worlds",
        {200: Answer("A page of worlds, newest first.", "SavedWorlds")},
        problems=("validation-error", "temporary-reduced-capacity"),
        parameters=(USER_ID, PAGE_SIZE, CURSOR),
    )
    async def list(self, request: Request) -> Response:
        """Without their contents. `next_cursor` is null on the last page."""
        query = request.query_params
        user_id, limit, cursor = _user_id(request), _limit(request), query.get("cursor")
        try:
            page = await self._ask(lambda worlds: worlds.list(user_id, limit=limit, cursor=cursor))
        except ArchiveRefused as error:
            place = "user_id" if cursor is None else "cursor"
            raise invalid(parameter(place, str(error))) from None
        worlds = [_summary(world) for world in page.items]
        return JSON({"worlds": worlds, "next_cursor": page.next_cursor})

    async def _ask(self, question: Callable[[SavedWorlds], T]) -> T:
        """The answer of an archive that may have no tables yet. Raises ArchiveError."""

        def ask() -> T:
            self._archive.prepare()
            return question(self._archive.worlds)

        return await run_in_threadpool(ask)


def _summary(world: WorldSummary) -> dict[str, Any]:
    fields = asdict(world)
    fields.pop("content", None)
    return fields


def _user_id(request: Request) -> str:
    given = request.query_params.get("user_id", "")
    if not given:
        raise invalid(parameter("user_id", "is required: whose worlds?"))
    return given


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", "50")
    if not LIMIT.fullmatch(given) or not 1 <= int(given) <= MOST:
        raise invalid(parameter("limit", f"must be a whole number from 1 to {MOST}"))
    return int(given)
