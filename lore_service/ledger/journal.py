"""A file for settlements that the ledger cannot take while Redis is away.

Each process writes a file of its own, `{lease_holder}.jsonl`, syncs it to the disk and locks it.
The file exists only while a settlement waits in it. A process that starts in the same folder takes
over the files of dead processes.
"""

import asyncio
import fcntl
import json
import os
from dataclasses import asdict
from pathlib import Path

from loresmith.jobs.core.logs import get_logger
from loresmith.lore_service.ledger.ledger import Settlement

log = get_logger(__name__)


class Journal:
    """The settlements that are not yet in the ledger."""

    def __init__(self, directory: Path, lease_holder: str) -> None:
        """Creates the folder and reads the files of dead processes. Raises OSError."""
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = directory / f"{lease_holder}.jsonl"
        self._file: int | None = None
        self._unwritten: list[bytes] = []
        self._write_lock = asyncio.Lock()
        self._inherited: list[Path] = []
        self.waiting: list[Settlement] = []
        for path in sorted(directory.glob("*.jsonl")):
            self._inherit(path)

    async def add(self, settlement: Settlement) -> None:
        """Adds a settlement and returns once it is on the disk, or in memory if the disk fails."""
        line = _line(asdict(settlement))
        if not self.waiting:
            log.warning("settlements wait in a file until the ledger takes them", path=self._path)
        self.waiting.append(settlement)
        self._unwritten.append(line)
        async with self._write_lock:  # all that wait for the lock are written together
            if lines := self._unwritten:
                self._unwritten = []
                await asyncio.to_thread(self._append, lines)

    def remove(self, settlements: list[Settlement]) -> None:
        """Removes settlements that the ledger has. Files are deleted with the last one, because
        settling twice is harmless.
        """
        for settlement in settlements:
            self.waiting.remove(settlement)
        if not self.waiting:
            for path in [self._path, *self._inherited]:
                path.unlink(missing_ok=True)
            self._inherited.clear()
            self.close()

    def set_aside(self, settlement: Settlement, reason: str) -> None:
        """Moves a settlement that the ledger will never take into a file for people."""
        path = self._path.with_suffix(".refused")
        try:
            with path.open("ab") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(_line(asdict(settlement) | {"reason": reason}) + b"\n")
        except OSError:
            log.exception("a settlement stays in the journal", call_id=settlement.call_id)
            return
        log.error("the ledger refuses the end of a call", call_id=settlement.call_id, path=path)
        self.remove([settlement])

    def close(self) -> None:
        """Releases the file, so that the next process takes it over."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, lines: list[bytes]) -> None:
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
                fcntl.flock(self._file, fcntl.LOCK_EX)
            # Starts on a new line, because a full disk may have cut off the last one.
            os.write(self._file, b"\n" + b"\n".join(lines) + b"\n")
            os.fsync(self._file)
        except OSError:
            log.exception("the journal cannot be written: a settlement is in memory only")

    def _inherit(self, path: Path) -> None:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return  # its process is alive
            settlements = [parsed for line in file if (parsed := _parse(line))]
        if settlements:
            self.waiting += settlements
            self._inherited.append(path)
            log.warning("settlements of a dead process wait", count=len(settlements), path=path)


def _line(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, default=str).encode(errors="replace")


def _parse(line: bytes) -> Settlement | None:
    """Returns None for a line that a crash cut off: its `add` never returned."""
    try:
        return Settlement(**json.loads(line)).as_text()
    except (ValueError, TypeError, AttributeError):
        return None
