"""The permanent store of worlds, and of what other job types save."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, tuple_

from loresmith.archive.checks import check_id, check_json, check_name, check_text, check_time, is_id
from loresmith.archive.database import COUNTED, Database
from loresmith.archive.errors import ArchiveRefused
from loresmith.archive.pages import CursorPage, Position, check_limit
from loresmith.archive.tables import (
    MAX_KIND_LENGTH,
    MAX_NAME_LENGTH,
    WORLD,
    JobRow,
    Owned,
    WorldRow,
)

SUMMARY = (
    WorldRow.id,
    WorldRow.user_id,
    WorldRow.kind,
    WorldRow.title,
    WorldRow.theme,
    WorldRow.model,
    WorldRow.created_at,
    WorldRow.expires_at,
)
REPLACED = ("title", "theme", "model", "content", "expires_at")
MAX_DELETED = 500
"""Expired worlds that one statement deletes."""


@dataclass(frozen=True, kw_only=True)
class WorldSummary:
    """A world in a list."""

    id: str
    """The id of its job, so that saving twice stores one world."""
    user_id: str
    kind: str = WORLD
    """`world`, or the job type that saved it."""
    title: str
    theme: str
    model: str
    created_at: datetime
    """Aware; UTC when it comes from the archive."""
    expires_at: datetime | None = None
    """When it is deleted; None: never."""


@dataclass(frozen=True, kw_only=True)
class WorldRecord(WorldSummary):
    """A whole world."""

    content: dict[str, Any]
    """The world as JSON."""


class WorldStore:
    """The table of worlds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, world: WorldRecord) -> None:
        """Saves a world durably before it returns.

        Saving the same id again replaces title, theme, model, content and expiry, never the owner
        and never `created_at`: a world keeps its place in the list. Raises ArchiveRefused when the
        data cannot be kept or the id is another user's, ArchiveUnavailable when trying again
        may help; trying again is always safe.
        """
        _check(world)
        insert = self._database.insert(WorldRow).values(vars(world))
        new = insert.excluded
        upsert = insert.on_conflict_do_update(
            index_elements=[WorldRow.id],
            set_={name: new[name] for name in REPLACED},
            where=WorldRow.user_id == new.user_id,
        )
        with self._database.transaction() as connection:
            written = connection.execute(upsert, execution_options=COUNTED).rowcount
        if not written:
            raise ArchiveRefused(f"World {world.id} belongs to another user; nothing was changed.")

    def get(self, world_id: str, *, owners: Sequence[Owned] | None = None) -> WorldRecord | None:
        """Returns the world, or None if there is none of one of the owners.

        Raises ArchiveUnavailable.
        """
        if not is_id(world_id):
            return None
        query = select(*SUMMARY, WorldRow.content).where(WorldRow.id == world_id, _is_kept())
        query = query.where(*_owned(owners))
        with self._database.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return WorldRecord(**row._mapping) if row else None

    def delete_of(self, user_id: str) -> int:
        """Deletes all worlds of a user, and returns their number. Raises ArchiveUnavailable."""
        query = delete(WorldRow).where(WorldRow.user_id == user_id)
        with self._database.transaction() as connection:
            return connection.execute(query, execution_options=COUNTED).rowcount

    def delete_expired(self) -> int:
        """Deletes the expired worlds, and returns their number. Raises ArchiveUnavailable."""
        expired = select(WorldRow.id).where(WorldRow.expires_at <= datetime.now(UTC))
        query = delete(WorldRow).where(WorldRow.id.in_(expired.limit(MAX_DELETED)))
        number = 0
        while True:
            with self._database.transaction() as connection:
                deleted = connection.execute(query, execution_options=COUNTED).rowcount
            number += deleted
            if deleted < MAX_DELETED:
                return number

    def list(
        self,
        user_id: str,
        *,
        kind: str = WORLD,
        limit: int = 50,
        cursor: str | None = None,
        owners: Sequence[Owned] | None = None,
    ) -> CursorPage[WorldSummary]:
        """Returns the user's worlds that belong to one of the owners, or the results of another
        `kind`, newest first, `limit` (1 to 200) per page.

        Raises ArchiveRefused for a limit or cursor that does not fit, ArchiveUnavailable.
        """
        check_name("user_id", user_id, max_length=MAX_NAME_LENGTH)
        check_limit(limit)
        query = select(*SUMMARY).where(WorldRow.user_id == user_id, WorldRow.kind == kind)
        query = query.where(_is_kept(), *_owned(owners))
        if cursor is not None:
            query = query.where(_after(Position.from_cursor(cursor)))
        query = query.order_by(WorldRow.created_at.desc(), WorldRow.id.desc()).limit(limit + 1)
        with self._database.transaction() as connection:
            rows = connection.execute(query).all()
        return _page([WorldSummary(**row._mapping) for row in rows], limit)


def _check(world: WorldRecord) -> None:
    check_id("id", world.id)
    check_name("user_id", world.user_id, max_length=MAX_NAME_LENGTH)
    check_name("kind", world.kind, max_length=MAX_KIND_LENGTH)
    for name in ("title", "theme", "model"):
        check_text(name, getattr(world, name))
    check_time("created_at", world.created_at)
    if world.expires_at is not None:
        check_time("expires_at", world.expires_at)
    if not isinstance(world.content, dict):
        raise ArchiveRefused("content must be a JSON object.")
    check_json("content", world.content)


def _is_kept() -> ColumnElement[bool]:
    """An expired world is gone, also before the maintenance has deleted it."""
    return or_(WorldRow.expires_at.is_(None), WorldRow.expires_at > datetime.now(UTC))


def _owned(owners: Sequence[Owned] | None) -> tuple[ColumnElement[bool], ...]:
    """A world belongs to its user, and to the team of its job: the user's with the same id."""
    if owners is None:
        return ()
    team_ids = [value for column, value in owners if column == "team_id"]
    of_team = select(JobRow.id).where(
        JobRow.team_id.in_(team_ids), JobRow.user_id == WorldRow.user_id
    )
    user_ids = [value for column, value in owners if column == "user_id"]
    return (or_(WorldRow.user_id.in_(user_ids), WorldRow.id.in_(of_team)),)


def _after(position: Position) -> ColumnElement[bool]:
    here = tuple_(WorldRow.created_at, WorldRow.id)
    return here < tuple_(position.created_at, position.id)


def _page(worlds: list[WorldSummary], limit: int) -> CursorPage[WorldSummary]:
    shown, more = tuple(worlds[:limit]), len(worlds) > limit
    last = shown[-1] if more else None
    return CursorPage(shown, Position(last.created_at, last.id).as_cursor() if last else None)
