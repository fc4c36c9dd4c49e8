"""What is PostgreSQL's own: a server that is away, locked, silent, or says no."""

import socket
import time

import psycopg
import pytest

from loresmith.archive import ArchiveUnavailable, open_archive
from loresmith.archive.database import Database
from tests.postgres import PASSWORD, PASSWORD_IN_URL, PostgresServer, postgres_server
from tests.worlds import a_world

pytestmark = pytest.mark.integration


def test_a_wrong_password_is_reported_without_it(postgres: PostgresServer) -> None:
    wrong = postgres.new_database().replace(PASSWORD_IN_URL, PASSWORD_IN_URL + "hush")

    with pytest.raises(ArchiveUnavailable, match="password authentication failed") as caught:
        open_archive(wrong)

    assert "hush" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_a_server_that_was_away_between_two_uses_is_not_noticed() -> None:
    with postgres_server() as server, open_archive(server.new_database()) as archive:
        world = a_world()
        archive.worlds.save(world)

        server.kill()
        server.start()

        assert archive.worlds.get(world.id) == world


def test_a_server_that_is_away_is_reported_and_found_again() -> None:
    with postgres_server() as server, open_archive(server.new_database()) as archive:
        world = a_world()

        server.kill()
        with pytest.raises(ArchiveUnavailable, match="saving twice is safe"):
            archive.worlds.save(world)
        server.start()

        archive.worlds.save(world)
        assert archive.worlds.get(world.id) == world


def test_a_server_that_accepts_and_never_answers_is_given_up_after_2_s() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://lore@127.0.0.1:{silent.getsockname()[1]}/lore"
        began = time.monotonic()
        with (
            open_archive(url, create=False) as archive,
            pytest.raises(ArchiveUnavailable, match="timeout"),
        ):
            archive.ping()

        assert time.monotonic() - began < 4


def test_a_row_that_another_session_holds_is_waited_for_and_then_reported(
    postgres: PostgresServer,
) -> None:
    url = postgres.new_database()
    with open_archive(url) as archive, psycopg.connect(url) as holder:
        world = a_world()
        archive.worlds.save(world)
        holder.execute("SELECT * FROM worlds FOR UPDATE")
        impatient = Database(url, timeout_s=1)

        with (
            pytest.raises(ArchiveUnavailable, match="lock timeout"),
            impatient.transaction() as connection,
        ):
            connection.exec_driver_sql("DELETE FROM worlds")

        impatient.close()
        assert archive.worlds.get(world.id) == world
