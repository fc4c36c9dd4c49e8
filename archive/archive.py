"""The archive, opened."""

from threading import Lock
from typing import Self

from sqlalchemy import text

from archive.database import Database
from archive.history import History
from archive.migration import migrate
from archive.worlds import Worlds


class Archive:
    """What outlives the 24 hours of Redis. One for a process, shared by all its threads."""

    def __init__(self, database: Database, url: str, *, prepared: bool) -> None:
        self._database = database
        self._url = url
        self._prepared = prepared
        self._preparing = Lock()
        self.worlds = Worlds(database)
        self.history = History(database)

    def prepare(self) -> None:
        """Makes or migrates the archive, once; for a process that opened it without `create`.

        Raises ArchiveError, and then tries again at the next call.
        """
        with self._preparing:
            if not self._prepared:
                migrate(self._url)
            self._prepared = True

    def ping(self) -> None:
        """Answers within seconds when the archive is there and has tables. Raises ArchiveError."""
        with self._database.transaction() as connection:
            connection.execute(text("SELECT version_num FROM alembic_version"))

    def close(self) -> None:
        """Closes the connections. An archive that is used again connects again."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_archive(url: str, *, create: bool = True) -> Archive:
    """The archive at `url`: `sqlite:///path` or `postgresql://user:password@host/database`.

    With `create` (the default) it is made or migrated first, so it must be reachable. Without, no
    connection is made until the first use: a process can start while its database is away, and
    makes the tables by `prepare` when it needs them. Raises ArchiveRefused for a URL that does not
    fit, ArchiveUnavailable.
    """
    if create:
        migrate(url)
    return Archive(Database(url), url, prepared=create)
