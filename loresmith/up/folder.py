"""The data folder: one `loresmith up` at a time, ports that stay the same, and logs."""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loresmith.up.errors import UpError
from loresmith.up.ports import free_port, is_free

PATIENCE_S: Final = 3.0
"""How long the parts of a killed `up` may take to die."""
LOOK_S: Final = 0.05


@dataclass(frozen=True)
class Folder:
    """A data folder that is ours as long as `lock` is open, here or in a part that inherits it."""

    path: Path
    lock: int

    def note(self, about: Mapping[str, Any]) -> None:
        """Writes who we are, for people and for the next one who finds the folder taken."""
        _write(self.path / "up.json", {"pid": os.getpid()} | dict(about))

    def port(self, name: str) -> int:
        """The loopback port of a part: the one it had last time, if that is free."""
        file = self.path / "ports.json"
        kept = _read(file)
        last = kept.get(name)
        if isinstance(last, int) and is_free(last):
            return last
        port = free_port(avoid=set(kept.values()))
        _write(file, kept | {name: port})
        return port

    def log(self, name: str) -> Path:
        """A part's fresh log file; what it was before is kept beside it as NAME.log.1."""
        file = self.path / "logs" / f"{name}.log"
        file.parent.mkdir(exist_ok=True)
        if file.exists():
            file.replace(file.with_suffix(".log.1"))
        file.touch()
        return file

    def below(self, name: str) -> Path:
        """A folder in the folder, made if need be."""
        path = self.path / name
        path.mkdir(exist_ok=True)
        return path


@contextmanager
def held(path: Path) -> Iterator[Folder]:
    """The data folder, for us alone. Raises UpError."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UpError(
            f"The data folder {path} cannot be used: {error.strerror}. "
            "Choose another with --data-dir."
        ) from None
    try:
        _take(lock, path)
        yield Folder(path.resolve(), lock)
    finally:
        os.close(lock)


def _take(lock: int, path: Path) -> None:
    """Waits for the parts of one that was killed, but not for one that lives."""
    until = time.monotonic() + PATIENCE_S
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        owner = _read(path / "up.json")
        if _lives(owner.get("pid")) or time.monotonic() > until:
            raise UpError(_taken(path, owner))
        time.sleep(LOOK_S)


def _taken(path: Path, owner: Mapping[str, Any]) -> str:
    pid, url = owner.get("pid"), owner.get("url", "")
    if _lives(pid):
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


def _lives(pid: Any) -> bool:
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(file: Path, content: Mapping[str, Any]) -> None:
    """Whole or not at all, whatever is killed."""
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(content, indent=1) + "\n")
    draft.replace(file)
