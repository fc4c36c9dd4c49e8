"""Migrates an archive's tables to this version; safe in several processes at once.

Alembic runs inside one transaction that holds a lock: a migration happens wholly or not at all, and
the second to come finds it done.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from loresmith.archive.database import Database
from loresmith.archive.errors import ArchiveError

if TYPE_CHECKING:
    from alembic.config import Config

TIMEOUT_S = 60
"""Seconds to wait for another process that migrates the same archive."""
ADVISORY_LOCK = int.from_bytes(b"loresmth", "big")

_one_at_a_time = threading.Lock()  # alembic.op and alembic.context are global to a process


def migrate(url: str) -> None:
    """Creates or migrates the archive at `url`; does nothing if it is up to date.

    Raises ArchiveUnavailable when it cannot be reached, ArchiveError when a newer Loresmith wrote
    it. Alembic, 12 MB of memory, is imported by this call and not before.
    """
    from alembic import command

    _run(url, lambda config: command.upgrade(config, "head"))


def downgrade(url: str, revision: str) -> None:
    """Downgrades the archive to an older revision, or to `base`; data it lacks is lost."""
    from alembic import command

    _run(url, lambda config: command.downgrade(config, revision))


def _run(url: str, step: "Callable[[Config], None]") -> None:
    from alembic.util.exc import CommandError

    database = Database(url, create=True, timeout_s=TIMEOUT_S)
    try:
        with _one_at_a_time, database.transaction() as connection:
            _lock(database, connection)
            step(_config(connection))
    except CommandError as error:
        raise ArchiveError(
            f"{database.place} cannot be migrated: {error}. A newer Loresmith may have written "
            "it: update this one."
        ) from error
    finally:
        database.close()


def _lock(database: Database, connection: Connection) -> None:
    if database.is_sqlite:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "archive:migrations")
    return config
