"""The engine and its transactions. No other module knows how SQLite and PostgreSQL differ."""

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite

from loresmith.archive.errors import ArchiveUnavailable, translated
from loresmith.archive.tables import Base
from loresmith.archive.urls import parse, place

CONNECT_S = 2
"""Seconds to wait for a connection to PostgreSQL, for each address of its host."""
TIMEOUT_S = 5
"""Seconds to wait for a lock that another process holds; a statement may run twice as long."""

POSTGRESQL_OPTIONS = {
    "application_name": "loresmith",
    "client_encoding": "utf8",
    "connect_timeout": str(CONNECT_S),
    # A network that fell silent is given up after 10 s, in the middle of a statement and idle.
    "tcp_user_timeout": str(2000 * TIMEOUT_S),
    "keepalives_idle": str(TIMEOUT_S),
    "keepalives_interval": str(TIMEOUT_S),
}
COUNTED = {"preserve_rowcount": True}
"""Option of an INSERT whose number of written rows is asked for; it is -1 otherwise."""
SQLITE_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",  # WAL's usual NORMAL forgets the last commits at a power cut
    "fullfsync = ON",  # macOS: fsync alone leaves them in the drive's cache
    "foreign_keys = ON",
)


class Database:
    """An SQLite file or a PostgreSQL database; safe to use from many threads.

    Connects when first used. With `create` a missing SQLite file and its folders are made.
    """

    def __init__(self, url: str, *, create: bool = False, timeout_s: int = TIMEOUT_S) -> None:
        self.url = parse(url)
        self.place = place(self.url)
        if self.url.drivername == "sqlite":
            self._engine = _sqlite_engine(self.url, create, timeout_s)
        else:
            self._engine = _postgresql_engine(self.url, timeout_s)

    @property
    def is_sqlite(self) -> bool:
        return self.url.drivername == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Opens a transaction, committed if the block succeeds. Raises ArchiveError."""
        with translated(self.place, self.url.password), self._engine.begin() as connection:
            yield connection

    def insert(self, row: type[Base]) -> sqlite.Insert | postgresql.Insert:
        """Returns an INSERT that supports ON CONFLICT in this database."""
        return sqlite.insert(row) if self.is_sqlite else postgresql.insert(row)

    def lock(self, connection: Connection, name: int) -> None:
        """Lets one transaction at a time pass, to its end. SQLite has one writer anyway."""
        if not self.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({name})")

    def close(self) -> None:
        """Closes all connections that are not in use."""
        self._engine.dispose()


def _engine(url: URL, connect_args: dict[str, Any]) -> Engine:
    return create_engine(
        url,
        connect_args=connect_args,
        hide_parameters=True,  # errors and logs shall not quote people's worlds
        json_serializer=partial(json.dumps, ensure_ascii=False),
        pool_pre_ping=True,
        pool_timeout=2 * TIMEOUT_S,
    )


def _postgresql_engine(url: URL, timeout_s: int) -> Engine:
    url = url.set(query={**POSTGRESQL_OPTIONS, **url.query})
    # Prepared statements and session settings do not survive a pooler between us and the server.
    engine = _engine(url, {"prepare_threshold": None})

    @event.listens_for(engine, "begin")
    def bound_waiting(connection: Connection) -> None:
        connection.exec_driver_sql(
            f"SELECT set_config('lock_timeout', '{timeout_s}s', true),"
            f" set_config('statement_timeout', '{2 * timeout_s}s', true)"
        )

    return engine


def _sqlite_engine(url: URL, create: bool, timeout_s: int) -> Engine:
    path = Path(url.database or "")
    if create:
        _make_folder(path)
        _make_file(path)
    mode = "rwc" if create else "rw"
    file = url.set(database=f"file:{quote(str(path))}", query={"mode": mode, "uri": "true"})
    engine = _engine(file, {"timeout": timeout_s, "isolation_level": "IMMEDIATE"})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in SQLITE_PRAGMAS:
            _retry(connection, f"PRAGMA {pragma}", timeout_s)

    return engine


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ArchiveUnavailable(
            f"The folder {path.parent} cannot be made: {error.strerror}. "
            "Make it, or name another file in DATABASE_URL."
        ) from error


def _make_file(path: Path) -> None:
    """Makes a file that only this user may read; SQLite gives its other files the same mode."""
    with suppress(OSError):  # it exists, or SQLite says what is wrong
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _retry(connection: sqlite3.Connection, statement: str, timeout_s: int) -> None:
    """Retries a statement: SQLite fails at once when WAL is enabled while another connection
    writes.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
