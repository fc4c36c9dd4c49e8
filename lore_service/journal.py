"""Where results wait while Redis is away: a small file, synced to the disk before anyone is told.

A process writes one of its own, `{owner}.jsonl`, which is there only while something waits in it,
and holds a lock on it. Whoever starts in the same folder takes over what the dead have left.
"""

import asyncio
import fcntl
import json
import logging
import os
from dataclasses import asdict
from pathlib import Path

from lore_service.ledger import Ending

log = logging.getLogger(__name__)


class Journal:
    """The endings that are not yet in the ledger."""

    def __init__(self, directory: Path, owner: str) -> None:
        """Makes the folder, and reads what others left in it. Raises OSError."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = directory / f"{owner}.jsonl"
        self._file: int | None = None
        self._unwritten: list[bytes] = []
        self._writing = asyncio.Lock()
        self._inherited: list[Path] = []
        self.waiting: list[Ending] = []
        for path in sorted(directory.glob("*.jsonl")):
            self._inherit(path)

    async def add(self, ending: Ending) -> None:
        """Keeps an ending; returns once it is on the disk. When the disk is full it is kept in
        memory, and the log says so.
        """
        if not self.waiting:
            log.warning("the ledger is away: results wait in %s", self._path)
        self.waiting.append(ending)
        self._unwritten.append(json.dumps(asdict(ending), ensure_ascii=False).encode())
        async with self._writing:  # those who wait here are written together
            if lines := self._unwritten:
                self._unwritten = []
                await asyncio.to_thread(self._append, lines)

    def settled(self, endings: list[Ending]) -> None:
        """The ledger has them now. Files go with the last one: to settle twice is harmless."""
        for ending in endings:
            self.waiting.remove(ending)
        if not self.waiting:
            for path in [self._path, *self._inherited]:
                path.unlink(missing_ok=True)
            self._inherited.clear()
            self.close()

    def close(self) -> None:
        """Leaves what waits to the next process."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, lines: list[bytes]) -> None:
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
                fcntl.flock(self._file, fcntl.LOCK_EX)
            # Begun on a line of their own, also after one that a full disk cut off.
            os.write(self._file, b"\n" + b"\n".join(lines) + b"\n")
            os.fsync(self._file)
        except OSError:
            log.exception("the journal cannot be written; a result waits in memory only")

    def _inherit(self, path: Path) -> None:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return  # its process lives
            found = [ending for line in file if (ending := _ending(line))]
        if found:
            self.waiting += found
            self._inherited.append(path)
            log.warning("%d results of an earlier process wait in %s", len(found), path)


def _ending(line: bytes) -> Ending | None:
    """None for a line that a crash cut off: nobody was told that it was kept."""
    try:
        return Ending(**json.loads(line))
    except (ValueError, TypeError):
        return None
