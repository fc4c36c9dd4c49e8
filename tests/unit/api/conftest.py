import io
import logging
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loresmith.archive import Archive, migrate, open_archive
from loresmith.jobs.core.logs.formatter import SafeFormatter
from tests.unit.api.harness import ApiHarness, api_harness
from tests.unit.api.users import User


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiHarness]:
    with api_harness(tmp_path) as harness:
        yield harness


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables and no rows: to copy it is quicker than to migrate another one."""
    path = tmp_path_factory.mktemp("empty") / "worlds.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def archive(tmp_path: Path, empty_database: Path) -> Iterator[Archive]:
    """The archive of `api`."""
    shutil.copy(empty_database, tmp_path)
    with open_archive(f"sqlite:///{tmp_path}/worlds.db", create=False) as opened:
        yield opened


@pytest.fixture
def log_lines() -> Iterator[Callable[[], list[str]]]:
    """Returns the lines that a process would log, without time, level and logger."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(SafeFormatter("api"))
    logger, level = logging.getLogger("loresmith.api"), logging.getLogger("loresmith.api").level
    logger.addHandler(handler)
    logger.setLevel("INFO")
    yield lambda: [re.sub(r"^2\S+Z \S+ \S+: ", "", line) for line in text.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(level)


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[ApiHarness]:
    with api_harness(tmp_path, auth="required") as harness:
        yield harness


@pytest.fixture
def ann(closed: ApiHarness) -> User:
    return User(closed, "ann", "acme")


@pytest.fixture
def bob(closed: ApiHarness) -> User:
    return User(closed, "bob", "acme")
