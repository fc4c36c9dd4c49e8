"""Starts Redis and one api without a worker, for benchmarks of the api."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.api_process import api
from tests.servers import redis_server


@dataclass(frozen=True)
class ApiAddress:
    """Addresses of the two processes."""

    url: str
    redis_port: int
    pid: int
    """Process id of the api."""


@contextmanager
def api_alone(folder: Path) -> Iterator[ApiAddress]:
    """Runs both for a with block."""
    with redis_server(folder) as server, api(server.url, folder) as running:
        yield ApiAddress(f"http://127.0.0.1:{running.port}", server.port, running.process.pid)
