"""Where finished worlds go: the archive, opened when the first one is saved."""

from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from jobs.errors import SinkFailed

if TYPE_CHECKING:
    from archive import Archive


class Shelf:
    """The archive for all threads. It costs memory, so it is not even imported before its use."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._archive: Archive | None = None

    def save_world(
        self, *, id: str, user_id: str, title: str, theme: str, model: str, content: dict[str, Any]
    ) -> None:
        """Saves a world for good; saving it twice is saving it once. Raises SinkFailed."""
        from archive import ArchiveError, WorldRecord

        world = WorldRecord(
            id=id,
            user_id=user_id,
            title=title,
            theme=theme,
            model=model,
            content=content,
            created_at=datetime.now(UTC),
        )
        try:
            self._open().worlds.save(world)
        except ArchiveError as error:
            raise SinkFailed(str(error), retryable=error.retryable) from error

    def close(self) -> None:
        with self._lock:
            if self._archive:
                self._archive.close()
            self._archive = None

    def _open(self) -> "Archive":
        from archive import open_archive

        with self._lock:
            if self._archive is None:
                self._archive = open_archive(self._url)
            return self._archive
