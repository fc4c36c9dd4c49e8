"""An open archive."""

from threading import Lock
from typing import Self

from sqlalchemy import select, text

from loresmith.archive.audit_trail import AuditTrail
from loresmith.archive.database import Database
from loresmith.archive.errors import ArchiveUnavailable
from loresmith.archive.job_history import JobHistory
from loresmith.archive.migration import migrate
from loresmith.archive.tables import IdentityRow
from loresmith.archive.worlds import WorldStore


class Archive:
    """The archive of a process, shared by all its threads."""

    def __init__(self, database: Database, url: str, *, prepared: bool) -> None:
        self._database = database
        self._url = url
        self._prepared = prepared
        self._preparing = Lock()
        self.refusal = ""
        """Why it must not be used, although it works; empty while it may be."""
        self.worlds = WorldStore(database)
        self.history = JobHistory(database)
        self.audit = AuditTrail(database)

    def prepare(self) -> None:
        """Makes the archive ready for use. Raises ArchiveError, also while it is refused."""
        if self.refusal:
            raise ArchiveUnavailable(self.refusal)
        self.make()

    def make(self) -> None:
        """Creates or migrates the archive once, if it was opened without `create`.

        Raises ArchiveError, and then tries again at the next call.
        """
        with self._preparing:
            if not self._prepared:
                migrate(self._url)
            self._prepared = True

    def ping(self) -> None:
        """Checks within seconds that the archive is reachable and has tables. Raises
        ArchiveError.
        """
        with self._database.transaction() as connection:
            connection.execute(text("SELECT version_num FROM alembic_version"))

    def identity(self) -> str:
        """Returns the random id of this archive, which a copy of its database shares.

        Raises ArchiveError; ArchiveUnavailable before `prepare`.
        """
        with self._database.transaction() as connection:
            return connection.execute(select(IdentityRow.id)).scalar_one()

    @property
    def place(self) -> str:
        """The database for people and logs, without its password."""
        return self._database.place

    def close(self) -> None:
        """Closes the connections; the next use connects again."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_archive(url: str, *, create: bool = True) -> Archive:
    """Opens the archive at `url`: `sqlite:///path` or `postgresql://user:password@host/database`.

    With `create` (the default) it is made or migrated first, so it must be reachable. Without, no
    connection is made until the first use: a process can start while its database is away, and
    makes the tables by `prepare` when it needs them. Raises ArchiveRefused for a URL that does not
    fit, ArchiveUnavailable.
    """
    if create:
        migrate(url)
    return Archive(Database(url), url, prepared=create)
