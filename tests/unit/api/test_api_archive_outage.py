"""While the database is away, the api logs a line a minute, however many requests fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.api.background import archiver as archiver_module
from loresmith.api.background.archiver import RETRY_INTERVAL_S, Archiver
from loresmith.api.http import exception_handlers
from loresmith.archive import Archive, ArchiveUnavailable, WorldStore, open_archive
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.outage_log import OutageLog
from tests.unit.api.harness import ApiHarness


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of an outage log of this test's own."""
    clock = Clock()
    outage = OutageLog("The archive", get_logger("loresmith.archive"), clock)
    for module in (archiver_module, exception_handlers):
        monkeypatch.setattr(module, "ARCHIVE_OUTAGE", outage)
    return clock


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(f"sqlite:///{tmp_path}/away.db", create=False) as opened:
        yield opened


def test_an_outage_of_ten_minutes_is_ten_lines_and_its_end(
    api: ApiHarness,
    archive: Archive,
    tmp_path: Path,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Given an ended job and no database / when the archiver tries for ten minutes, and the
    database is there then / I expect ten lines, and one that says so.
    """
    api.create_ended()
    (tmp_path / "away.db").mkdir()
    archiver = Archiver(api.scripts.redis, archive, clock)
    while clock.now < 600:
        archiver.drain_quietly()
        clock.now += RETRY_INTERVAL_S / 15
    (tmp_path / "away.db").rmdir()
    for _ in range(3):
        clock.now += RETRY_INTERVAL_S
        archiver.drain_quietly()

    lines = [str(each) for each in caplog.messages if "archive" in str(each)]
    assert len(lines) == 11
    assert lines[0].startswith("The archive is unavailable error=")
    assert lines[9].startswith("The archive is still unavailable seconds=540")
    assert lines[10].startswith("The archive is available again")


def test_failed_requests_are_one_outage_whose_end_the_archiver_notices(
    api: ApiHarness,
    tmp_path: Path,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given no job to archive / when a hundred requests fail for the database / I expect one line,
    and another once the database is there.
    """

    def away(*_: object, **__: object) -> None:
        raise ArchiveUnavailable("it is away")

    with monkeypatch.context() as broken:
        broken.setattr(WorldStore, "list", away)
        for _ in range(100):
            assert api.get("/worlds?user_id=u").status_code == 503
    clock.now += RETRY_INTERVAL_S
    with open_archive(f"sqlite:///{tmp_path}/new.db", create=False) as archive:
        Archiver(api.scripts.redis, archive, clock).drain_quietly()

    assert [str(each) for each in caplog.messages if "archive" in str(each)] == [
        "The archive is unavailable error=ArchiveUnavailable",
        "The archive is available again seconds=15",
    ]
