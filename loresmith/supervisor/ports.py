"""Finds free ports, and the process that uses a port."""

import random
import socket
from collections.abc import Container
from contextlib import suppress
from pathlib import Path
from typing import Final

from loresmith.supervisor.errors import SupervisorError

PORT_RANGE: Final = range(20_000, 32_000)
"""Below the ports of outgoing connections, which could take one while a process restarts."""
MAX_PORT_TRIES: Final = 200
TCP_LISTEN: Final = "0A"
MAX_COMMAND_LENGTH: Final = 60


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server can listen on a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def find_free_port(avoid: Container[int] = ()) -> int:
    """Returns a random free port. Raises SupervisorError."""
    for port in random.sample(PORT_RANGE, MAX_PORT_TRIES):
        if port not in avoid and is_free(port):
            return port
    raise SupervisorError(f"No free port from {PORT_RANGE.start} to {PORT_RANGE.stop}.")


def require_free(port: int, host: str) -> None:
    """Raises SupervisorError that names the process which uses the port."""
    if is_free(port, host):
        return
    owner = find_owner(port)
    if port < 1024 and owner is None:
        raise SupervisorError(
            f"Port {port} needs root; choose one above 1023, for example --port 8080."
        )
    if owner is None:
        raise SupervisorError(
            f"Port {port} is taken. Choose another one, for example --port {port + 1}."
        )
    raise SupervisorError(
        f"Port {port} is taken by process {owner} ({_command(owner)}). "
        f"Stop it (kill {owner}), or choose another port, for example --port {port + 1}."
    )


def find_owner(port: int) -> int | None:
    """Returns the process to stop so that the port becomes free; None when it is unknown."""
    for inode in _listening_inodes(port):
        for process in Path("/proc").glob("[0-9]*"):
            if _has_open(process, f"socket:[{inode}]"):
                return _supervisor_of(int(process.name))
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for row in Path(table).read_text().splitlines()[1:]:
                cells = row.split()
                if cells[3] == TCP_LISTEN and int(cells[1].rpartition(":")[2], 16) == port:
                    inodes.add(cells[9])
    return inodes


def _has_open(process: Path, target: str) -> bool:
    try:
        return any(str(link.readlink()) == target for link in (process / "fd").iterdir())
    except OSError:
        return False


def _supervisor_of(pid: int) -> int:
    """Returns the `loresmith up` that would restart a process, or the process itself."""
    try:
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return pid
    words = _command_line(parent)
    is_up = "up" in words and any(Path(word).name == "loresmith" for word in words)
    return parent if is_up else pid


def _command(pid: int) -> str:
    command = " ".join(_command_line(pid)) or "?"
    if len(command) <= MAX_COMMAND_LENGTH:
        return command
    return f"{command[: MAX_COMMAND_LENGTH - 1]}…"


def _command_line(pid: int) -> list[str]:
    try:
        content = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return [word.decode(errors="replace") for word in content.split(b"\0") if word]
