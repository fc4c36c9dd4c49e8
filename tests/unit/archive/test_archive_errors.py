"""What callers see of a driver's errors."""

import re
import sqlite3

import pytest
from sqlalchemy import exc

from loresmith.archive import ArchiveError, ArchiveRefused, ArchiveUnavailable
from loresmith.archive.errors import translated

LOCKED = sqlite3.OperationalError("database is locked")
NO_FILE = sqlite3.OperationalError("unable to open database file")
NO_TABLE = sqlite3.OperationalError("no such table: worlds")
NO_DATABASE = sqlite3.DatabaseError("file is not a database")


class UndefinedTable(Exception):
    """As psycopg raises it."""

    sqlstate = "42P01"


def seen_by_a_caller(error: exc.SQLAlchemyError, password: str | None = None) -> ArchiveError:
    with pytest.raises(ArchiveError) as caught, translated("The archive", password):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind", "remedy"),
    [
        (exc.OperationalError("SAVE", {}, LOCKED), ArchiveUnavailable, "close that program"),
        (exc.OperationalError("SAVE", {}, NO_FILE), ArchiveUnavailable, "its folder exists"),
        (exc.OperationalError("SAVE", {}, NO_TABLE), ArchiveUnavailable, r"archive\.migrate"),
        (exc.ProgrammingError("S", {}, UndefinedTable()), ArchiveUnavailable, r"archive\.migrate"),
        (exc.OperationalError("SAVE", {}, OSError("gone")), ArchiveUnavailable, "it runs"),
        (exc.InternalError("SAVE", {}, OSError("read-only")), ArchiveUnavailable, "try again"),
        (exc.TimeoutError("pool"), ArchiveUnavailable, "Try again"),
        (exc.DataError("SAVE", {}, ValueError("too long")), ArchiveRefused, "other data"),
        (exc.IntegrityError("SAVE", {}, ValueError("NULL")), ArchiveRefused, "other data"),
        (exc.StatementError("overflow", "S", {}, OverflowError()), ArchiveRefused, "other data"),
        (exc.DatabaseError("SAVE", {}, NO_DATABASE), ArchiveError, "Check DATABASE_URL"),
        (exc.ProgrammingError("SAVE", {}, ValueError("no right")), ArchiveError, "its rights"),
    ],
)
def test_each_fault_has_its_class_and_its_remedy(
    error: exc.SQLAlchemyError, kind: type[ArchiveError], remedy: str
) -> None:
    seen = seen_by_a_caller(error)

    assert type(seen) is kind
    assert re.search(remedy, str(seen))
    assert seen.retryable is (kind is ArchiveUnavailable)
    assert seen.__cause__ is error


def test_a_password_that_a_driver_quotes_is_not_passed_on() -> None:
    quoting = exc.OperationalError("SAVE", {}, OSError('no host "hush" for user lore:hush'))

    assert "hush" not in str(seen_by_a_caller(quoting, password="hush"))


def test_rows_that_a_driver_quotes_are_cut_short() -> None:
    long = exc.DataError("SAVE", {}, ValueError("row " + "x" * 10_000))

    assert len(str(seen_by_a_caller(long))) < 500


def test_an_error_of_ours_passes_unchanged() -> None:
    with pytest.raises(ArchiveRefused, match="mine"), translated("The archive", None):
        raise ArchiveRefused("mine")
