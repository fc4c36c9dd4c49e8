"""A file by which `loresmith probe` knows that a process works.

The process holds a lock on it while it lives, and touches it while it works.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loresmith.jobs.core.logs import get_logger, safe

log = get_logger(__name__)

MAX_AGE_S = 60.0
"""A process that has not touched its file for so long hangs. One round may wait for Redis, which
has time limits of its own below this."""
SUFFIX = ".alive"


class LivenessFile:
    """The file of this process. A folder that cannot be written is reported once, and no error."""

    def __init__(self, directory: Path, process: str) -> None:
        self._path = directory / f"{process}.{os.getpid()}{SUFFIX}"
        self._file: int | None = None
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            for _ in _ages(directory, process, time.time()):
                pass  # removes what killed processes have left
            self._file = _locked_file(self._path)
        except OSError as error:
            log.warning("`loresmith probe` will not work", process=process, error=safe(error))

    def touch(self) -> None:
        """Says that the process works."""
        if self._file is not None:
            os.utime(self._file)

    def close(self) -> None:
        """Removes the file."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None


def _locked_file(path: Path) -> int:
    """Creates and locks a file; again when another process removed it before it was locked."""
    while True:
        file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return file
        os.close(file)


def fault(directory: Path, process: str, now: float | None = None) -> str:
    """Returns what is wrong with the processes of this kind; '' when all of them work."""
    ages = dict(_ages(directory, process, now or time.time()))
    if not ages:
        return f"no {process} runs with the data folder {directory}"
    path, age = max(ages.items(), key=lambda item: item[1])
    if age > MAX_AGE_S:
        return f"{process} (process {path.name.split('.')[-2]}) has not worked for {age:.0f} s"
    return ""


def _ages(directory: Path, process: str, now: float) -> Iterator[tuple[Path, float]]:
    """Yields the files of live processes and their ages; removes those of dead ones."""
    for path in directory.glob(f"{process}.*{SUFFIX}"):
        try:
            with path.open("rb") as file, _unlocked(file.fileno()) as dead:
                if dead:
                    path.unlink(missing_ok=True)
                else:
                    yield path, now - os.fstat(file.fileno()).st_mtime
        except FileNotFoundError:
            continue


@contextmanager
def _unlocked(file: int) -> Iterator[bool]:
    """Whether no process holds the lock, which it takes for the moment."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        yield False
    else:
        yield True
