"""From nothing to today's tables and back, on both databases, by many at once."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from fakeredis import FakeRedis
from sqlalchemy import inspect

from loresmith.archive import Archive, ArchiveError, ArchiveUnavailable, migrate, open_archive
from loresmith.archive.database import Database
from loresmith.archive.migration import ADVISORY_LOCK, _run, downgrade
from loresmith.archive.tables import Base
from loresmith.worker.adapters.archive_sink import ResultArchive
from tests.postgres import PostgresServer
from tests.waiting import wait_until
from tests.worlds import a_world

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
SINK_FIELDS = ("id", "user_id", "kind", "title", "theme", "model", "content")
MIGRATE_WHEN_TOLD = """
import sys, alembic.command, archive
print("ready", flush=True)
sys.stdin.read()
archive.migrate(sys.argv[1])
"""


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """The archive from below, to look at its tables."""
    opened = Database(url, create=True)
    yield opened
    opened.close()


def tables(database: Database) -> set[str]:
    with database.transaction() as connection:
        return set(inspect(connection).get_table_names())


def differences(database: Database) -> list[Any]:
    """What would have to be migrated to come to the tables that the code knows."""
    options = {"compare_type": True, "compare_server_default": True}
    with database.transaction() as connection:
        context = MigrationContext.configure(connection, opts=options)
        matches: list[Any] = compare_metadata(context, Base.metadata)
    return matches


def test_the_tables_are_those_of_the_migrations(url: str, database: Database) -> None:
    migrate(url)

    assert differences(database) == []


def test_down_to_nothing_and_up_again(url: str, database: Database) -> None:
    migrate(url)

    downgrade(url, "base")
    assert tables(database) == {"alembic_version"}

    migrate(url)
    assert differences(database) == []


def test_migrating_again_keeps_what_is_there(url: str, archive: Archive) -> None:
    world = a_world()
    archive.worlds.save(world)

    migrate(url)

    assert archive.worlds.get(world.id) == world


def test_a_world_that_expires_migrates_an_archive_of_an_older_release(url: str) -> None:
    """Given an archive whose worlds never expire / when a worker saves one that does / I expect it
    saved with its expiry, and the older one kept for ever.
    """
    older = a_world()
    with open_archive(url) as archive:
        archive.worlds.save(older)
    downgrade(url, "0004")
    sink, newer = ResultArchive(url, FakeRedis(decode_responses=True)), a_world()
    values = {name: getattr(newer, name) for name in SINK_FIELDS}

    sink.save(**values, retention_s=3_600)
    sink.close()

    with open_archive(url) as archive:
        assert archive.worlds.get(older.id) == older
        saved = archive.worlds.get(newer.id)
    assert saved is not None
    assert saved.expires_at == saved.created_at + timedelta(hours=1)


def test_an_archive_without_tables_says_what_to_run(url: str) -> None:
    migrate(url)
    downgrade(url, "base")

    with open_archive(url, create=False) as bare:
        with pytest.raises(ArchiveUnavailable, match=r"run archive\.migrate\(url\) first"):
            bare.worlds.list("mira")
        with pytest.raises(ArchiveUnavailable, match=r"run archive\.migrate\(url\) first"):
            bare.worlds.save(a_world())


def test_four_processes_may_start_at_once(url: str, database: Database) -> None:
    """Given 4 processes with all imports done, if told to migrate, I expect 4 successes."""
    with ExitStack() as running:
        processes = [running.enter_context(ready_to_migrate(url)) for _ in range(4)]

        for process in processes:
            process.stdin.close()
        complaints = [process.stderr.read() for process in processes]

    assert complaints == [b""] * 4
    assert [process.returncode for process in processes] == [0] * 4
    assert differences(database) == []


def ready_to_migrate(url: str) -> Any:
    """A process that migrates once its stdin is closed."""
    command = [sys.executable, "-W", "error", "-c", MIGRATE_WHEN_TOLD, url]
    process = Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


def test_the_second_to_migrate_waits_for_the_first(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as first, ThreadPoolExecutor(1) as second:
        first.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        migrated = second.submit(migrate, url)
        waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

        wait_until(lambda: first.execute(waiting).fetchone(), "the second one waits")
        first.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])

        migrated.result(timeout=30)


def test_a_migration_that_breaks_leaves_nothing(url: str, database: Database) -> None:
    def make_and_break(config: Config) -> None:
        config.attributes["connection"].exec_driver_sql("CREATE TABLE half (done int)")
        raise InterruptedError

    with pytest.raises(InterruptedError):
        _run(url, make_and_break)

    assert tables(database) == set()


def test_an_archive_of_a_newer_version_is_left_alone(
    url: str, archive: Archive, database: Database
) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(ArchiveError, match="newer Loresmith") as caught:
        migrate(url)

    assert not caught.value.retryable
    archive.worlds.save(a_world())
