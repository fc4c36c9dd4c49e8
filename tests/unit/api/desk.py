"""The api on a fake Redis, asked without a network: what the unit tests of the api sit at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakeredis import FakeAsyncRedis, FakeRedis, FakeServer
from httpx2 import Response
from starlette.testclient import TestClient

from api.app import create_app
from api.batching import Batch
from api.history import History
from api.parts import Parts
from api.readiness import Check, LoreProbe
from api.store import Store
from api.tail import Tail
from archive import open_archive
from jobs.config import Config
from tests.store.driver import Store as Scripts

BODY = {"type": "generate_characters", "payload": {"theme": "fantasy", "count": 3}}


@dataclass
class SilentBell:
    """Remembers for what it was rung."""

    rung: list[tuple[str, int]] = field(default_factory=list)

    async def finish(self) -> None:
        """Has nothing to finish."""

    def ring(self, job_id: str, attempt: int) -> None:
        self.rung.append((job_id, attempt))


class SteadyLore(LoreProbe):
    """A lore_service that is as the test says."""

    serving = True

    async def check(self) -> Check:
        return Check(self.serving, "as the test says")


@dataclass
class Desk:
    """A client of the api, and what lies behind it."""

    client: TestClient
    bell: SilentBell
    lore: SteadyLore
    scripts: Scripts
    """The worker's side of the same Redis."""

    def submit(self, body: Any = BODY, **headers: str) -> Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/jobs", json=body, headers=sent)

    def made(self, **payload: Any) -> str:
        """The id of a fresh job."""
        body = BODY | {"payload": {"theme": "fantasy", **payload}}
        return str(self.submit(body).json()["id"])

    def ended(self, outcome: str = "completed", **fields: Any) -> str:
        """The id of a job that ended so."""
        job_id = self.made()
        self.scripts.claim(job_id)
        self.scripts.finish(job_id, outcome=outcome, **fields)
        return job_id

    def get(self, path: str, **headers: str) -> Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=sent)

    def post(self, path: str, body: Any = None) -> Response:
        return self.client.post(path) if body is None else self.client.post(path, json=body)

    @property
    def keys(self) -> list[str]:
        return sorted(self.scripts.redis.keys())


class QuietTail(Tail):
    """Reads nothing: fakeredis does not block on a stream, it spins. Streams are followed for real
    in tests/integration/test_api_streams.py.
    """

    def start(self) -> None:
        pass


@contextmanager
def desk(folder: Path, *, public: bool = False, **settings: Any) -> Iterator[Desk]:
    """A desk whose worlds lie in `folder`; `settings` are those of Config."""
    server = FakeServer()
    config = Config(**{"database_url": f"sqlite:///{folder}/worlds.db"} | settings)
    batch = Batch(FakeAsyncRedis(server=server, decode_responses=True))
    bell, lore = SilentBell(), SteadyLore("nowhere:1")
    archive = open_archive(config.database_url, create=False)
    store = Store(batch, History(batch), config.ring_again_s)
    tail = QuietTail(FakeAsyncRedis(server=server, decode_responses=True))
    app = create_app(Parts(config, batch, store, bell, archive, lore, tail), public=public)
    address = "http://127.0.0.1:8080"
    with TestClient(app, base_url=address, raise_server_exceptions=False) as client:
        scripts = Scripts(FakeRedis(server=server, decode_responses=True))
        yield Desk(client, bell, lore, scripts)
