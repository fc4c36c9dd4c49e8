"""Both databases, empty, for whatever asks for a `url`; PostgreSQL is started once a session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.archive import Archive, open_archive
from tests.postgres import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for an archive."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/lore.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def archive(url: str) -> Iterator[Archive]:
    with open_archive(url) as opened:
        yield opened
