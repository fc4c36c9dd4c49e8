"""A Redis and one api, nothing that runs jobs: what benches of the api sit on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.api_process import api
from tests.servers import redis_server


@dataclass(frozen=True)
class Alone:
    """Where the two are."""

    url: str
    redis_port: int
    pid: int
    """Of the api."""


@contextmanager
def api_alone(folder: Path) -> Iterator[Alone]:
    """Both, for the length of a with block."""
    with redis_server(folder) as server, api(server.url, folder) as running:
        yield Alone(f"http://127.0.0.1:{running.port}", server.port, running.process.pid)
