"""Entry points of the product that the snapshots are taken through.

The other modules of this package import nothing of the product: a move of its modules changes the
imports of this one.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
from fakeredis import FakeAsyncRedis, FakeRedis, FakeServer
from starlette.testclient import TestClient

from loresmith.api.app import create_app
from loresmith.api.dependencies import Dependencies
from loresmith.api.events.broadcaster import Entry, Fields, Subscriber
from loresmith.api.http.problems import PROBLEMS, Problem
from loresmith.api.services.run_statistics import RunStatistics
from loresmith.archive import open_archive
from loresmith.cli import main
from loresmith.jobs.core.errors import BY_CODE, JobError
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.costs.prices import Prices
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.store.queue import JobMessage, JobQueue
from loresmith.jobs.store.reconciler import Reconciler
from loresmith.lore_service.calls.call_registry import CallRegistry
from loresmith.lore_service.calls.call_request import CallRequest
from loresmith.lore_service.calls.pool_queue import PoolQueues
from loresmith.lore_service.calls.provider_call import CallServices
from loresmith.lore_service.ledger.journal import Journal
from loresmith.lore_service.ledger.ledger import CachePolicy, Ledger
from loresmith.lore_service.ledger.pools import Pools
from loresmith.lore_service.ledger.settlement import CallSettlement
from loresmith.lore_service.providers.errors import ProviderProblem
from loresmith.lore_service.providers.pricing import Pricing
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.providers.usage import ProviderUsage
from loresmith.lore_service.settings import LoreServiceSettings
from loresmith.worker.adapters.job_store import WorkerJobStore as WorkerStore
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.execution import Execution
from tests.unit.api.harness import FakeLoreProbe, FakeNotifier, IdleBroadcaster
from tests.unit.lore_service.harness import VALID_TEXT, FakeProvider, generate_request
from tests.worker_fakes import OUTPUT, FakeArchive, FakeClient, no_hand_over

QUEUE = "lore"
HEARTBEAT_INTERVAL_S = 0.0
DOLLARS_PER_MTOK = '{"input_per_mtok": "1", "output_per_mtok": "2"}'
MODEL = "model-7"
UPDATE = ("phase", "progress", "message", "source", "attempt")


class FakeBroadcaster(IdleBroadcaster):
    """Accepts subscribers, and sends `offered` to each."""

    offered: Entry | None = None

    def start(self) -> None:
        self._last_id = "0-0"

    @contextmanager
    def subscribe(
        self, accepts: Callable[[Fields], bool], job_id: str = ""
    ) -> Iterator[Subscriber]:
        with super().subscribe(accepts, job_id) as subscriber:
            if self.offered:
                subscriber.put_nowait(self.offered)
            yield subscriber


class OneAnswer(FakeProvider):
    """A provider that is asked once; the ledger gets a heartbeat while it answers."""

    def __init__(self, ledger: Ledger, error: Exception | None) -> None:
        super().__init__()
        self._ledger = ledger
        self._error = error

    async def stream(
        self, request: ProviderRequest, response: ProviderResponse, on_text: Callable[[str], None]
    ) -> None:
        await response.on_response_id("response-7")
        text = VALID_TEXT[:-9] if self._error else VALID_TEXT
        on_text(text)
        response.text_parts.append(text)
        await self._ledger.heartbeat({request.call_id: response.text})
        if self._error:
            await self._ledger.cancel(request.call_id)
            raise self._error
        response.usage, response.finish_reason = ProviderUsage(1, 2), "stop"


@dataclass
class System:
    """An api, a worker and a lore service with a fake provider, on one fake Redis."""

    client: TestClient
    app: Any
    redis: Any
    server: FakeServer
    folder: Path
    config: Settings
    tail: FakeBroadcaster

    def http(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of a response, or None."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.request(method, path, json=body, headers=sent)
        assert response.status_code < 400, response.text
        return response.json() if response.content else None

    def problem(self, method: str, path: str, body: Any) -> Any:
        """The JSON of the response to a request that is refused."""
        response = self.client.request(method, path, json=body)
        assert response.status_code >= 400, response.text
        return response.json()

    def stream(self, path: str, last_id: str, ends: Callable[[str], bool]) -> str:
        """The text of an event stream, until `ends` is true of it."""
        portal = self.client.portal
        assert portal is not None
        return portal.call(self._stream, path, last_id, ends)

    async def _stream(self, path: str, last_id: str, ends: Callable[[str], bool]) -> str:
        name, _, query = path.partition("?")
        headers = [(b"host", b"127.0.0.1:8080"), (b"last-event-id", last_id.encode())]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": name, "raw_path": name.encode(),
            "query_string": query.encode(), "headers": headers[: 1 + bool(last_id)],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080), "root_path": "", "state": {},
        }  # fmt: skip
        parts: list[str] = []
        complete = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            parts.append(message.get("body", b"").decode())
            if ends("".join(parts)):
                complete.set()

        serving = asyncio.ensure_future(self.app(scope, receive, send))
        async with asyncio.timeout(10):
            await complete.wait()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return "".join(parts)

    def counts(self, path: str) -> str:
        """The text of the stream of all jobs, until its counts come: a change is offered to it."""
        change = {"type": "created", "version": "1", "job": "j", "status": "pending"}
        self.tail.offered = ("9-1", change | dict.fromkeys(UPDATE, "1") | {"source": "simulated"})
        return self.stream(path, "", lambda text: '"type":"counts"' in text)

    def queue(self, job_id: str) -> Any:
        """A Redis with nothing but the RQ message of a job; its bytes are decoded one by one."""
        server = FakeServer()
        JobQueue(FakeRedis(server=server), QUEUE).enqueue([JobMessage(job_id, 1)])
        return FakeRedis(server=server, decode_responses=True, encoding="latin-1")

    def claim(self, job_id: str, attempt: int = 1) -> Any:
        """The run of a job that the worker has just taken."""
        (claim,) = self._worker.claim({JobMessage(job_id, attempt): QUEUE})
        assert claim.record is not None, claim.refusal
        return JobAttempt(claim.record, QUEUE)

    def execute(self, run: Any, answer: Any = OUTPUT, meanwhile: Any = lambda: None) -> None:
        """Runs a claimed job whose model call is answered so, and does `meanwhile` during it; the
        last heartbeat comes just before the end is written.
        """
        client: Any = FakeClient([answer], meanwhile)
        archive: Any = FakeArchive()
        store = self._worker

        def finish(*ending: Any) -> tuple[str, list[JobMessage]]:
            self.beat(run)
            return WorkerStore.finish(store, *ending)

        with patch.object(store, "finish", finish):
            execution = Execution(store, client, archive, HEARTBEAT_INTERVAL_S, no_hand_over())
            execution.execute(run)

    def beat(self, run: Any) -> None:
        """One round of the worker's heartbeat."""
        self._worker.heartbeat([(run.job, run.snapshot())], [(run.job, run.events.pending())])
        run.events.clear_pending()

    def release(self, run: Any) -> None:
        """Hands a running job back."""
        self._worker.release([run.job], "Handed back")

    def reconcile(self) -> None:
        """One look at everything that is due."""
        self.redis.info = lambda section: {"uptime_in_seconds": 60}  # fakeredis has no INFO
        Reconciler(self.redis, JobQueue(self.redis, QUEUE), Settings()).reconcile()

    def buy(self, job_id: str, error: Exception | None = None, **requests_sent: Any) -> None:
        """Makes a model call of a job; `error` is what the provider ends with, if anything."""
        # In a thread of its own: the caller may be inside an event loop.
        thread = threading.Thread(
            target=lambda: asyncio.run(self._buy(job_id, error, requests_sent))
        )
        thread.start()
        thread.join()

    async def _buy(
        self, job_id: str, error: Exception | None, requests_sent: dict[str, Any]
    ) -> None:
        redis: Any = FakeAsyncRedis(server=self.server, decode_responses=True)
        ledger = Ledger(redis, PipelineBatcher(redis), "lore-7", 15, CachePolicy(3_600, 10))
        settlement = CallSettlement(ledger, Journal(self.folder / "journal", "lore-7"))
        pricing, pools = Pricing(Prices.of(self.config)), PoolQueues(Pools(PipelineBatcher(redis)))
        answer: Any = OneAnswer(ledger, error)
        services = CallServices(ledger, settlement, {"": answer}, pricing, pools)
        calls = CallRegistry(services, 5)
        own = {"call_id": f"{job_id}/generate/0", "job_id": job_id, "model": MODEL}
        reply = own | requests_sent
        request = CallRequest.of(generate_request(**reply), self.config.providers)
        call, _ = await calls.attach_or_start(request)
        await asyncio.wait([call.task])
        await asyncio.sleep(0)

    @property
    def _worker(self) -> WorkerStore:
        return WorkerStore(redis=self.redis, owner="worker-7", lease_s=15, requeue_after_s=5)


@contextmanager
def system(folder: Path, **settings: Any) -> Iterator[System]:
    """A system whose files lie in `folder`, with other settings than the default ones."""
    prices = folder / "prices.json"
    prices.write_text(f'{{"{MODEL}": {DOLLARS_PER_MTOK}}}', encoding="utf-8")
    server = FakeServer()
    config = Settings(
        database_url=f"sqlite:///{folder}/worlds.db",
        prices=str(prices),
        model=MODEL,
        base_url="http://127.0.0.1:9/v1",
        **settings,
    )
    batch = PipelineBatcher(FakeAsyncRedis(server=server, decode_responses=True))
    tail = FakeBroadcaster(FakeAsyncRedis(server=server, decode_responses=True))
    archive = open_archive(config.database_url, create=True)
    lore = FakeLoreProbe("nowhere:1")
    app = create_app(
        Dependencies(config, batch, RunStatistics(batch), FakeNotifier(), archive, lore, tail)
    )
    with TestClient(app, base_url="http://127.0.0.1:8080") as client:
        redis = FakeRedis(server=server, decode_responses=True)
        yield System(client, app, redis, server, folder, config, tail)


def provider_error() -> ProviderProblem:
    """The connection to the provider broke off after the request was sent."""
    return ProviderProblem("broke off")


def failure(code: str) -> JobError:
    """The error of a job with this code."""
    return BY_CODE[code]()


def error_codes() -> dict[str, bool]:
    """Job error code → whether a retry may help."""
    return {code: error.retryable for code, error in BY_CODE.items()}


def problems() -> dict[str, Any]:
    """Problem code → the body of a problem, with its remedy as detail."""
    return {code: Problem(code, row.remedy).body("/jobs", "r") for code, row in PROBLEMS.items()}


def problem_codes() -> dict[str, tuple[int, str]]:
    """Problem code → status and title."""
    return {code: (problem.status, problem.title) for code, problem in PROBLEMS.items()}


def settings() -> dict[str, Any]:
    """Environment variable → default."""
    return {
        str(each.validation_alias): each.default
        for each in LoreServiceSettings.model_fields.values()
    }


def command_line() -> click.Group:
    """The `loresmith` command."""
    return main
