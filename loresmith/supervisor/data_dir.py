"""The data directory: its lock, the remembered ports, and the logs."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loresmith.supervisor.errors import SupervisorError
from loresmith.supervisor.ports import find_free_port, is_free
from loresmith.supervisor.private_folder import make_private, private_files

LOCK: Final = "up.lock"
LOCK_TIMEOUT_S: Final = 3.0
"""Time for the processes of a killed `up` to die."""
LOCK_INTERVAL_S: Final = 0.05


@dataclass(frozen=True)
class DataDir:
    """A locked data directory; a process that inherits `lock` holds the lock, too."""

    path: Path
    lock: int

    def write_status(self, status: Mapping[str, Any]) -> None:
        """Writes up.json, for people and for the next `up` on this directory."""
        _write_json(self.path / "up.json", {"pid": os.getpid()} | dict(status))

    def port(self, name: str) -> int:
        """Returns the loopback port of a process: the last one, if it is free."""
        file = self.path / "ports.json"
        ports = _read_json(file)
        last = ports.get(name)
        if isinstance(last, int) and is_free(last):
            return last
        port = find_free_port(avoid=set(ports.values()))
        _write_json(file, ports | {name: port})
        return port

    def log(self, name: str) -> Path:
        """Creates an empty log file; the previous one becomes NAME.log.1."""
        file = self.path / "logs" / f"{name}.log"
        file.parent.mkdir(exist_ok=True)
        if file.exists():
            file.replace(file.with_suffix(".log.1"))
        file.touch()
        return file

    def subdirectory(self, name: str) -> Path:
        """Returns a directory inside it, created if necessary."""
        path = self.path / name
        path.mkdir(exist_ok=True)
        return path

    def secret(self, name: str) -> Path:
        """Returns a file that only this user may read, with a random secret of its own."""
        path = self.path / name
        with suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with open(os.open(path, flags, 0o600), "w") as file:
                file.write(secrets.token_hex(32) + "\n")
        return path

    def write_private(self, name: str, text: str) -> Path:
        """Replaces a file that only this user may read."""
        path, draft = self.path / name, self.path / f"{name}.new"
        draft.unlink(missing_ok=True)
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        draft.replace(path)
        return path


@contextmanager
def lock_data_dir(path: Path) -> Iterator[DataDir]:
    """Creates and locks the data directory. Raises SupervisorError.

    Only this user may open it; within the block new files are private, wherever they are.
    """
    with private_files(), _locked(path) as lock:
        yield DataDir(path.resolve(), lock)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    try:
        make_private(path, known_by=LOCK)
        lock = os.open(path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SupervisorError(
            f"The data folder {path} cannot be used: {error.strerror}. "
            "Choose another with --data-dir."
        ) from None
    try:
        _acquire(lock, path)
        yield lock
    finally:
        os.close(lock)


def _acquire(lock: int, path: Path) -> None:
    """Waits for the processes of a killed `up`, but not for a running one."""
    until = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        owner = _read_json(path / "up.json")
        if _is_alive(owner.get("pid")) or time.monotonic() > until:
            raise SupervisorError(_in_use(path, owner))
        time.sleep(LOCK_INTERVAL_S)


def _in_use(path: Path, owner: Mapping[str, Any]) -> str:
    pid, url = owner.get("pid"), owner.get("url", "")
    if _is_alive(pid):
        return (
            f"The data folder {path} is in use: `loresmith up` runs as process {pid}"
            f"{f', at {url}' if url else ''}. Use that one, stop it (kill {pid}), "
            "or choose another folder with --data-dir."
        )
    server = owner.get("parts", {}).get("redis", "?")
    return (
        f"The Redis server of an earlier `loresmith up` still uses {path} (process {server}). "
        f"Stop it (kill {server}), or choose another folder with --data-dir."
    )


def _is_alive(pid: Any) -> bool:
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Replaces a file atomically."""
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(content, indent=1) + "\n")
    draft.replace(file)
