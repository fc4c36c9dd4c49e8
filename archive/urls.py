"""Converts `DATABASE_URL` to the URL that SQLAlchemy connects to."""

from pathlib import Path

from sqlalchemy import URL, exc, make_url

from loresmith.archive.errors import ArchiveRefused

FORMS = "sqlite:///path/to/file.db or postgresql://user:password@host:port/database"
POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")


def parse(url: str) -> URL:
    """Parses `url` and adds its driver. Raises ArchiveRefused.

    A relative SQLite path is settled here and now, so that a later change of directory moves
    nothing.
    """
    parsed = _split(url)
    if parsed.drivername in POSTGRESQL:
        return _postgresql(parsed)
    if parsed.drivername == "sqlite":
        return _sqlite(parsed)
    raise ArchiveRefused(f"DATABASE_URL begins with {parsed.drivername}://; write {FORMS}.")


def _split(url: str) -> URL:
    try:
        return make_url(url)
    except (exc.ArgumentError, ValueError):  # either may quote a password
        pass
    raise ArchiveRefused(
        f"DATABASE_URL cannot be read; write {FORMS}, with %40, %2F and %3A for @, / and : "
        "in a password."
    )


def _postgresql(url: URL) -> URL:
    if "@" in (url.host or ""):
        raise ArchiveRefused("DATABASE_URL has an @ in its password; write %40 for it.")
    return url.set(drivername="postgresql+psycopg")


def _sqlite(url: URL) -> URL:
    if not url.database or url.database == ":memory:" or url.host or url.query:
        raise ArchiveRefused("DATABASE_URL names no SQLite file; write sqlite:///path/to/file.db.")
    return url.set(database=str(Path(url.database).absolute()))


def place(url: URL) -> str:
    """Returns the URL for people and logs, without password and options."""
    if url.drivername == "sqlite":
        return f"The SQLite file {url.database}"
    host = f"{url.host or 'the local socket'}:{url.port or 5432}"
    return f"The PostgreSQL database {url.database or url.username or ''} at {host}"
