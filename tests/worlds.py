"""A world to save, for tests of whatever saves or shows one."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from loresmith.archive import WorldRecord, WorldSummary

NOON = datetime(2026, 3, 4, 12, 0, 0, 123456, tzinfo=UTC)


def a_world(**changes: Any) -> WorldRecord:
    """A new world of Mira's, made at NOON."""
    world = WorldRecord(
        id=str(uuid.uuid4()),
        user_id="mira",
        title="The Salt Reaches",
        theme="a drowned empire",
        model="offline",
        created_at=NOON,
        content={"story": "Ebb.", "characters": [{"name": "Ysolde"}]},
    )
    return replace(world, **changes)


def summary(world: WorldRecord) -> WorldSummary:
    """What a list shows of it."""
    return WorldSummary(**{name: value for name, value in vars(world).items() if name != "content"})
