"""What is SQLite's own: the file, its locks, its durability. No server, no network."""

import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest

from loresmith.archive import ArchiveError, ArchiveUnavailable, migrate, open_archive
from loresmith.archive.database import Database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A path with folders to be made, and with the characters that a URI would misread."""
    return tmp_path / "to be made" / "100% ü?#.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{quote(str(file))}"


def test_opening_makes_the_file_and_its_folders(url: str, file: Path) -> None:
    with open_archive(url) as archive:
        archive.ping()

        assert file.exists()


def test_only_this_user_may_read_what_it_makes(url: str, file: Path) -> None:
    """Given the usual umask / I expect the folder, the file and what SQLite adds to it private."""
    before = os.umask(0o022)
    try:
        with open_archive(url) as archive:
            archive.ping()
            paths = [file.parent, *file.parent.iterdir()]
            modes = {path.name: path.stat().st_mode for path in paths}
    finally:
        os.umask(before)

    assert file.name + "-wal" in modes
    assert [name for name, mode in modes.items() if mode & 0o077] == []


def test_a_saved_world_survives_a_power_cut(url: str) -> None:
    migrate(url)
    database = Database(url)

    with database.transaction() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "fullfsync", "foreign_keys", "busy_timeout")
        }
    database.close()

    full = 2
    assert settings == {
        "journal_mode": "wal",
        "synchronous": full,
        "fullfsync": 1,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_without_create_a_wrong_path_makes_no_file_and_names_the_remedy(tmp_path: Path) -> None:
    remedy = pytest.raises(ArchiveUnavailable, match=r"run archive\.migrate\(url\) first")

    with open_archive(f"sqlite:///{tmp_path}/lore.db", create=False) as archive, remedy:
        archive.ping()

    assert list(tmp_path.iterdir()) == []


def test_an_archive_opened_before_it_was_made_works_once_it_is(url: str) -> None:
    with open_archive(url, create=False) as archive:
        with pytest.raises(ArchiveUnavailable):
            archive.ping()
        migrate(url)

        archive.ping()


def test_a_file_that_another_program_holds_is_waited_for_and_then_reported(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/lore.db"
    migrate(url)
    holder = sqlite3.connect(tmp_path / "lore.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    impatient = Database(url, timeout_s=0)

    with (
        pytest.raises(ArchiveUnavailable, match=r"lore\.db cannot be used now.*close that program"),
        impatient.transaction() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM worlds")

    holder.close()
    impatient.close()


def test_turning_wal_on_waits_for_whoever_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a file still without WAL that somebody writes, if the writer ends while we wait,
    I expect us to go on; SQLite would have given up at once, whatever its timeout."""
    writer = sqlite3.connect(tmp_path / "lore.db", isolation_level=None)
    writer.executescript("CREATE TABLE notes (text); BEGIN IMMEDIATE")
    monkeypatch.setattr("loresmith.archive.database.time.sleep", lambda _: writer.execute("COMMIT"))

    migrate(f"sqlite:///{tmp_path}/lore.db")

    writer.close()


def test_threads_that_make_different_archives_do_not_mix_them_up(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{n}.db" for n in range(8)]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(migrate, urls))

    for url in urls:
        with open_archive(url, create=False) as archive:
            archive.ping()


def test_a_file_that_is_no_database_is_not_worth_trying_again(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Buy milk. " * 200)

    with pytest.raises(ArchiveError, match="file is not a database") as caught:
        open_archive(f"sqlite:///{tmp_path}/notes.txt")

    assert not caught.value.retryable


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ArchiveUnavailable, match=r"folder .*/file/data cannot be made"):
        open_archive(f"sqlite:///{tmp_path}/file/data/lore.db")


def test_a_closed_archive_connects_again_when_it_is_used(url: str) -> None:
    with open_archive(url) as archive:
        archive.close()
        archive.close()

        archive.ping()


def test_the_memory_of_alembic_is_not_paid_by_whoever_does_not_migrate(url: str) -> None:
    migrate(url)
    program = (
        "import sys, archive; archive.open_archive(sys.argv[1], create=False).ping();"
        "print('alembic' in sys.modules)"
    )

    answer = subprocess.check_output(
        [sys.executable, "-c", program, url], text=True, cwd=Path(__file__).parents[3]
    )

    assert answer.strip() == "False"


def test_an_archive_has_an_id_that_its_copy_shares(url: str, file: Path, tmp_path: Path) -> None:
    """Given two archives and a copy of the first / I expect the copy to be the first."""
    with open_archive(url) as archive, open_archive(f"sqlite:///{tmp_path}/other.db") as other:
        first, second = archive.identity(), other.identity()
    copy = tmp_path / "copy.db"
    shutil.copy(file, copy)

    with open_archive(f"sqlite:///{copy}") as archive:
        assert archive.identity() == first
    assert first != second
