"""Loopback ports: which are free, and who has those that are not."""

import random
import socket
from collections.abc import Container
from contextlib import suppress
from pathlib import Path
from typing import Final

from loresmith.up.errors import UpError

RANGE: Final = range(20_000, 32_000)
"""Below the ports that systems hand out to outgoing connections, so that none is in the way when
a part starts again."""
LISTENING: Final = "0A"


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(avoid: Container[int] = ()) -> int:
    """A port that is free now and likely stays so. Raises UpError."""
    for port in random.sample(RANGE, 200):
        if port not in avoid and is_free(port):
            return port
    raise UpError(f"No free port was found from {RANGE.start} to {RANGE.stop}.")


def check(port: int, host: str) -> None:
    """Raises UpError when somebody has the port, and says who."""
    if is_free(port, host):
        return
    owner = listener(port)
    if port < 1024 and owner is None:
        raise UpError(f"Port {port} needs root; choose one above 1023, for example --port 8080.")
    if owner is None:
        raise UpError(f"Port {port} is taken. Choose another one, for example --port {port + 1}.")
    raise UpError(
        f"Port {port} is taken by process {owner} ({_command(owner)}). "
        f"Stop it (kill {owner}), or choose another port, for example --port {port + 1}."
    )


def listener(port: int) -> int | None:
    """The process to stop so that the port becomes free; None when it cannot be known."""
    for inode in _inodes(port):
        for process in Path("/proc").glob("[0-9]*"):
            if _has(process, f"socket:[{inode}]"):
                return _restarter(int(process.name))
    return None


def _inodes(port: int) -> set[str]:
    """Of the sockets that listen on a port, as Linux tells."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for row in Path(table).read_text().splitlines()[1:]:
                cells = row.split()
                if cells[3] == LISTENING and int(cells[1].rpartition(":")[2], 16) == port:
                    found.add(cells[9])
    return found


def _has(process: Path, target: str) -> bool:
    try:
        return any(str(link.readlink()) == target for link in (process / "fd").iterdir())
    except OSError:
        return False


def _restarter(pid: int) -> int:
    """Its parent, if that is a `loresmith up`, which would start it again."""
    try:
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        return pid
    words = _words(parent)
    is_up = "up" in words and any(Path(word).name == "loresmith" for word in words)
    return parent if is_up else pid


def _command(pid: int) -> str:
    shown = " ".join(_words(pid)) or "?"
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


def _words(pid: int) -> list[str]:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return []
    return [word.decode(errors="replace") for word in line.split(b"\0") if word]
