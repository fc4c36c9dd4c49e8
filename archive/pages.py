"""Cursor pagination, newest first.

A cursor names the last item seen, not a number of items to skip, so what is added meanwhile neither
doubles an item nor hides one.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from loresmith.archive.checks import is_id
from loresmith.archive.errors import ArchiveRefused

ItemT = TypeVar("ItemT")

MAX_PAGE_SIZE = 200


@dataclass(frozen=True)
class CursorPage(Generic[ItemT]):
    """A page of a list, newest first."""

    items: tuple[ItemT, ...]
    next_cursor: str | None
    """The cursor of the next page; None at the end. Opaque to callers."""


@dataclass(frozen=True)
class Position:
    """A position in a list: the item before a page."""

    created_at: datetime
    """In UTC."""
    id: str

    def as_cursor(self) -> str:
        text = f"{self.created_at.isoformat()} {self.id}"
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def from_cursor(cls, cursor: str) -> "Position":
        """Parses a cursor. Raises ArchiveRefused."""
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            moment, id = urlsafe_b64decode(padded).decode().split(" ")
            created_at = datetime.fromisoformat(moment)
        except ValueError:
            created_at, id = None, ""
        if created_at is None or created_at.utcoffset() != timedelta(0) or not is_id(id):
            raise foreign_cursor()
        return cls(created_at, id)


def foreign_cursor() -> ArchiveRefused:
    """Returns the error of a cursor that no page has given."""
    return ArchiveRefused("The cursor is not valid. Repeat the request without it.")


def check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_PAGE_SIZE:
        raise ArchiveRefused(f"limit must be 1 to {MAX_PAGE_SIZE}.")
