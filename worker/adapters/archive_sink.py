"""Saves results in the archive, where they outlive their jobs."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.exceptions import RedisError

from loresmith.jobs.core.errors import SinkFailed
from loresmith.jobs.core.outage_log import ARCHIVE_OUTAGE
from loresmith.jobs.store.archive_identity import OtherArchive, require_same_archive

if TYPE_CHECKING:
    from loresmith.archive import Archive


WORLD = "world"
"""The kind of what create_world saves; other results have that of their job type."""


class ResultArchive:
    """Opens the archive at the first save; any thread may use it.

    Importing the archive costs memory, so that is postponed too.
    """

    def __init__(self, url: str, redis: Redis) -> None:
        self._url = url
        self._redis = redis
        self._lock = Lock()
        self._archive: Archive | None = None

    def save(
        self,
        *,
        id: str,
        user_id: str,
        kind: str,
        title: str,
        theme: str,
        model: str,
        content: dict[str, Any],
        retention_s: float | None,
    ) -> None:
        """Saves a result, for ever without a retention. Saving it again is harmless.

        Raises SinkFailed.
        """
        from loresmith.archive import ArchiveError, WorldRecord

        now = datetime.now(UTC)
        world = WorldRecord(
            id=id,
            user_id=user_id,
            kind=kind,
            title=title,
            theme=theme,
            model=model,
            content=content,
            created_at=now,
            expires_at=now + timedelta(seconds=retention_s) if retention_s else None,
        )
        try:
            archive = self._open()
            try:
                archive.worlds.save(world)
            except ArchiveError as error:
                if type(error) is not ArchiveError:  # unavailable, or refuses this world
                    raise
                archive.prepare()  # an older release may have made its tables
                archive.worlds.save(world)
            ARCHIVE_OUTAGE.succeeded()
        except ArchiveError as error:
            if error.retryable:
                ARCHIVE_OUTAGE.failed(error)
            raise SinkFailed(str(error), retryable=error.retryable) from error
        except (OtherArchive, RedisError) as error:
            raise SinkFailed(str(error), retryable=True) from error

    def close(self) -> None:
        with self._lock:
            if self._archive:
                self._archive.close()
            self._archive = None

    def _open(self) -> "Archive":
        from loresmith.archive import open_archive

        with self._lock:
            if self._archive is None:
                archive = open_archive(self._url, create=False)
                try:
                    _prepare(archive)
                    require_same_archive(self._redis, archive.identity(), archive.place)
                except BaseException:
                    archive.close()
                    raise
                self._archive = archive
            return self._archive


def _prepare(archive: "Archive") -> None:
    """Makes or migrates the archive, unless it is ready: that waits longer for a lock than a save.

    Raises ArchiveError.
    """
    from loresmith.archive import ArchiveError

    try:
        archive.identity()
    except ArchiveError:
        archive.prepare()
