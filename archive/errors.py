"""Errors of the archive, as a tree.

    ArchiveError             an error that a retry does not fix; the message says what does
      ArchiveUnavailable     away, locked or not migrated yet; trying again may help
      ArchiveRefused         the data cannot be stored or looked up

No error of a driver leaves this package, and no message holds a password.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from sqlalchemy import exc

MAX_REASON_LENGTH = 300


class ArchiveError(Exception):
    """The archive failed."""

    retryable: ClassVar[bool] = False
    """Whether a retry may succeed."""


class ArchiveUnavailable(ArchiveError):
    """The archive is unavailable."""

    retryable = True


class ArchiveRefused(ArchiveError):
    """The archive rejects this data."""


@contextmanager
def translated(place: str, password: str | None) -> Iterator[None]:
    """Converts errors of the driver inside the block to ArchiveErrors about `place`."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        reason = _reason(error, password)
        raise _translate(error, place, reason) from error


def _translate(error: exc.SQLAlchemyError, place: str, reason: str) -> ArchiveError:
    match error:
        case exc.DataError() | exc.IntegrityError():
            return ArchiveRefused(f"{place} refused the data: {reason}. Send other data.")
        case _ if _without_tables(error):
            return ArchiveUnavailable(f"{place} has no tables yet: run archive.migrate(url) first.")
        case _ if _without_column(error):
            return ArchiveError(f"{place} is of an older release: run archive.migrate(url) first.")
        case exc.OperationalError() | exc.InterfaceError() | exc.InternalError():
            return ArchiveUnavailable(f"{place} cannot be used now: {reason}. {_remedy(reason)}")
        case exc.TimeoutError():
            return ArchiveUnavailable(f"{place} is busy: all connections are taken. Try again.")
        case exc.StatementError() if not isinstance(error, exc.DBAPIError):
            return ArchiveRefused(f"The data does not fit the archive: {reason}. Send other data.")
        case _:
            return ArchiveError(f"{place} failed: {reason}. Check DATABASE_URL and its rights.")


def _reason(error: exc.SQLAlchemyError, password: str | None) -> str:
    """Returns the driver's message in one line, without rows that PostgreSQL quotes."""
    original = getattr(error, "orig", None) or error
    primary = getattr(getattr(original, "diag", None), "message_primary", None)
    line = " ".join((primary or str(original)).split()).rstrip(".?!")
    return (line.replace(password, "***") if password else line)[:MAX_REASON_LENGTH]


def _without_tables(error: exc.SQLAlchemyError) -> bool:
    original = getattr(error, "orig", None)
    return getattr(original, "sqlstate", None) == "42P01" or "no such table" in str(original)


def _without_column(error: exc.SQLAlchemyError) -> bool:
    original = getattr(error, "orig", None)
    is_missing = re.search("no such column|has no column named", str(original))
    return getattr(original, "sqlstate", None) == "42703" or bool(is_missing)


def _remedy(reason: str) -> str:
    if "locked" in reason:
        return "Another program holds it: try again, or close that program."
    if "unable to open" in reason:
        return "Check that its folder exists and may be written, or run archive.migrate(url) first."
    return (
        "Check that it runs, may be written and fits DATABASE_URL, then try again: "
        "saving twice is safe."
    )
