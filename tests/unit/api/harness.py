"""The api on a fake Redis, called without a network."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakeredis import FakeAsyncRedis, FakeRedis, FakeServer
from httpx2 import Response
from starlette.testclient import TestClient

from loresmith.api.app import create_app
from loresmith.api.auth.api_key_store import ApiKeyStore
from loresmith.api.dependencies import Dependencies
from loresmith.api.events.broadcaster import EventBroadcaster
from loresmith.api.schemas.keys import KeyRequest
from loresmith.api.services.health_checks import HealthCheck, LoreServiceProbe
from loresmith.api.services.run_statistics import RunStatistics
from loresmith.archive import open_archive
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.store.queue import JobMessage
from tests.store.driver import Store as Scripts

BODY = {"type": "generate_characters", "payload": {"theme": "fantasy", "count": 3}}


@dataclass
class FakeNotifier:
    """Records the jobs that it is notified of."""

    notified: list[tuple[str, int]] = field(default_factory=list)

    async def flush(self) -> None:
        """Does nothing."""

    def notify(self, messages: Sequence[JobMessage]) -> None:
        self.notified += [(message.job_id, message.attempt) for message in messages]


class FakeLoreProbe(LoreServiceProbe):
    """A lore service whose health the test sets."""

    serving = True

    async def check(self) -> HealthCheck:
        return HealthCheck(self.serving, "set by the test")


class FakePipeline(PipelineBatcher):
    """Answers what fakeredis does not know: a server that loses nothing."""

    def __init__(self, redis: Any) -> None:
        super().__init__(redis)
        self.info = {"redis_version": "7.2.4", "redis_mode": "standalone", "role": "master"}
        self.settings = {
            "appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction",
        }  # fmt: skip

    async def execute(self, *command: Any, acknowledged: bool = False) -> Any:
        known = {"INFO": self.info, "CONFIG": self.settings}
        if command[0] in known:
            return known[command[0]]
        return await super().execute(*command, acknowledged=acknowledged)


@dataclass
class ApiHarness:
    """A client of the api, and the parts behind it."""

    client: TestClient
    notifier: FakeNotifier
    lore: FakeLoreProbe
    scripts: Scripts
    """The worker's side of the same Redis."""
    pipeline: FakePipeline

    def new_key(self, **terms: Any) -> str:
        """Creates an API key, of a member unless told otherwise, and returns it. The terms are
        fields of KeyRequest, not validated: a key with expires_in=0 has expired.
        """
        request = KeyRequest.model_construct(**{"name": "ci"} | terms)
        create = ApiKeyStore(self.pipeline).create
        _, key = self.client.portal.call(create, request, "local")  # type: ignore[union-attr]
        return str(key)

    def submit(self, body: Any = BODY, **headers: str) -> Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post("/jobs", json=body, headers=sent)

    def create(self, **payload: Any) -> str:
        """Creates a job and returns its id."""
        body = BODY | {"payload": {"theme": "fantasy", **payload}}
        return str(self.submit(body).json()["id"])

    def create_ended(self, outcome: str = "completed", **fields: Any) -> str:
        """Creates a job that has ended, and returns its id."""
        job_id = self.create()
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


class IdleBroadcaster(EventBroadcaster):
    """Reads nothing, because fakeredis spins instead of blocking on a stream.

    Streams are tested in tests/integration/test_api_streams.py.
    """

    def start(self) -> None:
        pass


@contextmanager
def api_harness(folder: Path, *, public: bool = False, **options: Any) -> Iterator[ApiHarness]:
    """Starts an api whose database is in `folder`; `options` are fields of Settings."""
    server = FakeServer()
    settings = Settings(**{"database_url": f"sqlite:///{folder}/worlds.db"} | options)
    pipeline = FakePipeline(FakeAsyncRedis(server=server, decode_responses=True))
    notifier, lore = FakeNotifier(), FakeLoreProbe("nowhere:1")
    archive = open_archive(settings.database_url, create=False)
    broadcaster = IdleBroadcaster(FakeAsyncRedis(server=server, decode_responses=True))
    dependencies = Dependencies(
        settings, pipeline, RunStatistics(pipeline), notifier, archive, lore, broadcaster
    )
    app = create_app(dependencies, public=public)
    address = "http://127.0.0.1:8080"
    with TestClient(app, base_url=address, raise_server_exceptions=False) as client:
        scripts = Scripts(FakeRedis(server=server, decode_responses=True))
        yield ApiHarness(client, notifier, lore, scripts, pipeline)
