"""Keeps other users of the machine out of what a stack writes: jobs, worlds, logs and passwords."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from loresmith.supervisor.errors import SupervisorError

PRIVATE: Final = 0o700
OTHERS: Final = 0o077
"""The permissions of everybody but the owner."""


@contextmanager
def private_files() -> Iterator[None]:
    """Makes new files private, those of child processes too. For the whole process: it has one
    thread.
    """
    before = os.umask(OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def make_private(path: Path, known_by: str) -> None:
    """Creates a folder, or closes an existing one to others. Raises OSError, SupervisorError.

    Closes only a folder that is empty or has the file `known_by`: another one, as a home folder,
    may be open for a reason.
    """
    path.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if os.fstat(folder).st_uid != os.geteuid():
            raise SupervisorError(_foreign(path))
        names = os.listdir(folder)
        if _is_open(folder) and (not names or known_by in names):
            os.fchmod(folder, PRIVATE)
        if _is_open(folder):
            raise SupervisorError(_exposed(path))
    finally:
        os.close(folder)


def _is_open(folder: int) -> bool:
    return bool(stat.S_IMODE(os.fstat(folder).st_mode) & OTHERS)


def _foreign(path: Path) -> str:
    return (
        f"The data folder {path} belongs to another user, who could read and replace its files. "
        "Give it to yours (chown), or choose another with --data-dir."
    )


def _exposed(path: Path) -> str:
    return (
        f"The data folder {path} is open to other users, and has files that are not ours. Close it "
        f"(chmod 700 {path}), or choose another with --data-dir."
    )
