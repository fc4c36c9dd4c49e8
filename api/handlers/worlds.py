"""`/worlds`: worlds and other saved results in the archive, which outlive their jobs."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.params import Parameter
from loresmith.api.http.principals import principal_of
from loresmith.api.http.problems import Problem, parameter, truncated, validation_error
from loresmith.api.http.query import Integer, QueryModel
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.archive import Archive, ArchiveRefused, WorldStore, WorldSummary
from loresmith.jobs.core.principal import Principal

T = TypeVar("T")

WORLD = "world"
"""The kind that is listed unless a request names another."""
MAX_LIMIT = 200
WORLD_ID = Parameter("id", "path", "The id of the world: that of its job", required=True)


class WorldListParams(QueryModel):
    """A page of a user's worlds."""

    user_id: str | None = Field(
        None, description="The user whose worlds to list; your own if absent", min_length=1
    )
    kind: str = Field(
        WORLD, description="`world`, or the job type that saved the results", min_length=1
    )
    limit: Integer = Field(50, description="Worlds per page", ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, description="`next_cursor` of the previous page")


class WorldHandlers:
    """Reads worlds. The archive blocks, so a thread reads it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    @operation(
        "Read a world",
        {200: ResponseSpec("The world with its content.", "WorldResponse")},
        scope="jobs:read",
        problems=("world-not-found", "temporary-reduced-capacity"),
        parameters=(WORLD_ID,),
    )
    async def read(self, request: Request) -> Response:
        """A world outlives its job, unless a retention is set: see docs/data.md."""
        world_id: str = request.path_params["id"]
        owners = _owners(principal_of(request))
        world = await self._read(lambda worlds: worlds.get(world_id.lower(), owners=owners))
        if world is None:
            raise Problem("world-not-found", f"World {truncated(world_id)} does not exist.")
        return JSONResponse(_represent(world) | {"content": world.content})

    @operation(
        "List a user's worlds",
        {200: ResponseSpec("A page of worlds, newest first.", "WorldListResponse")},
        scope="jobs:read",
        problems=("validation-error", "temporary-reduced-capacity"),
        parameters=WorldListParams.parameters(),
    )
    async def list(self, request: Request) -> Response:
        """Omits the content. `kind` lists what another job type saved. `next_cursor` is null on
        the last page.
        """
        params = WorldListParams.from_query(request.query_params)
        principal = principal_of(request)
        user_id, owners = params.user_id or principal.user_id, _owners(principal)
        try:
            page = await self._read(
                lambda worlds: worlds.list(
                    user_id,
                    kind=params.kind,
                    limit=params.limit,
                    cursor=params.cursor,
                    owners=owners,
                )
            )
        except ArchiveRefused as error:
            name = "user_id" if params.cursor is None else "cursor"
            raise validation_error(parameter(name, str(error))) from None
        worlds = [_represent(world) for world in page.items]
        return JSONResponse({"worlds": worlds, "next_cursor": page.next_cursor})

    async def _read(self, query: Callable[[WorldStore], T]) -> T:
        """Queries the archive, and creates its tables first if needed. Raises ArchiveError."""

        def read() -> T:
            self._archive.prepare()
            return query(self._archive.worlds)

        return await run_in_threadpool(read)


def _owners(principal: Principal) -> list[tuple[str, str]] | None:
    """Returns the user, and perhaps the team, whose worlds the principal reads; None: all."""
    if principal.archived_by is None:
        return None
    return [("user_id", principal.user_id), principal.archived_by]


def _represent(world: WorldSummary) -> dict[str, Any]:
    fields = asdict(world)
    fields.pop("content", None)
    return fields
