"""Redis, the offline model and lore_services as real processes, and a gRPC client."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from redis import Redis

from loresmith.jobs.store import keys
from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.protos.lore.v1 import lore_pb2_grpc
from tests.servers import RedisServer, free_port, redis_server
from tests.stack import Part, listens, request
from tests.store.driver import Store
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
SHORT_LEASES = {"LORESMITH_CALL_HEARTBEAT_INTERVAL_S": "0.2", "LORESMITH_CALL_LEASE_S": "3"}
"""A process that a loaded machine stalls for a second must keep its lease."""
ANSWER_S = 0.2
"""Duration of an answer; ten times that for SLOW_THEME."""
SLOW_THEME = "fault:slow"


@dataclass
class Received:
    """What one caller has received of a call."""

    how: list[str] = field(default_factory=list)
    text: str = ""
    items: list[str] = field(default_factory=list)
    usage: "pb.Usage | None" = None
    result: "pb.Result | None" = None

    def add(self, message: pb.GenerateResponse) -> None:
        match message.WhichOneof("event"):
            case "accepted":
                self.how.append(pb.Accepted.How.Name(message.accepted.how).removeprefix("HOW_"))
                self.text, self.items = "", []
            case "delta":
                assert message.delta.offset == len(self.text), "a piece of the text is missing"
                self.text += message.delta.text
            case "item":
                assert message.item.index == len(self.items), "an item is missing"
                self.items.append(message.item.item_json)
            case "usage":
                self.usage = message.usage
            case "result":
                self.result = message.result


class RpcFailed(Exception):
    """An RPC ended with an error."""

    def __init__(self, error: Any, received: Received) -> None:
        self.received = received
        super().__init__(f"{error.code()}: {error.details()}")
        self.status: grpc.StatusCode = error.code()
        metadata = dict(error.trailing_metadata() or ())
        self.error = pb.LoreError.FromString(metadata.get("lore-error-bin", b""))

    @property
    def code(self) -> str:
        return self.error.code


@dataclass
class Service:
    """One lore_service process."""

    part: Part
    port: int
    data_dir: Path

    def __post_init__(self) -> None:
        options = (("grpc.use_local_subchannel_pool", 1), ("grpc.max_reconnect_backoff_ms", 100))
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}", options)
        self.stub = lore_pb2_grpc.LoreServiceStub(self.channel)

    def stream(
        self,
        call_id: str,
        *,
        theme: str = "fantasy",
        count: int = 2,
        timeout: float = 20,
        **fields: Any,
    ) -> Any:
        """Starts a Generate RPC; iterate it."""
        request: dict[str, Any] = {
            "call_id": call_id,
            "job_id": call_id.split("/")[0],
            "attempt": 1,
            "model_call": "generate_characters",
            "input_json": json.dumps({"theme": theme, "count": count}),
        }
        return self.stub.Generate(pb.GenerateRequest(**(request | fields)), timeout=timeout)

    def generate(self, call_id: str, **fields: Any) -> Received:
        """Receives a whole call. Raises RpcFailed."""
        return receive(self.stream(call_id, **fields))

    def failure(self, call_id: str, **fields: Any) -> RpcFailed:
        """Returns the error of a call that must fail."""
        try:
            received = self.generate(call_id, **fields)
        except RpcFailed as error:
            return error
        raise AssertionError(f"it succeeded: {received}")

    def cancel(self, call_id: str) -> str:
        response = self.stub.Cancel(pb.CancelRequest(call_id=call_id, reason="test"), timeout=10)
        return pb.CallState.Name(response.state).removeprefix("CALL_STATE_")

    def lookup(self, call_id: str) -> tuple[str, pb.LookupResponse]:
        response = self.stub.Lookup(pb.LookupRequest(call_id=call_id), timeout=10)
        return pb.CallState.Name(response.state).removeprefix("CALL_STATE_"), response

    def health(self, name: str = "") -> str:
        stub = health_pb2_grpc.HealthStub(self.channel)
        response = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(response.status))

    def start(self, **env: str) -> None:
        self.part.start(**env)
        self.part.wait()


@dataclass
class LoreHarness:
    """Redis, the offline model and any number of lore_services."""

    directory: Path
    server: RedisServer
    offline: Part
    offline_port: int
    env: dict[str, str]
    services: list[Service] = field(default_factory=list)
    jobs: int = 0

    @property
    def redis(self) -> Any:
        """A new client, because the server may have been restarted."""
        return Redis(port=self.server.port, decode_responses=True, socket_timeout=5)

    @property
    def store(self) -> Store:
        return Store(self.redis)

    @property
    def service(self) -> Service:
        return self.services[0]

    def add(self, **env: str) -> Service:
        """Starts another lore_service with a data folder of its own."""
        port, number = free_port(), len(self.services)
        log, data_dir = self.directory / f"lore{number}.log", self.directory / f"data{number}"
        log.touch()
        own = {
            "LORESMITH_LORE_SERVICE_ADDRESS": f"127.0.0.1:{port}",
            "LORESMITH_DATA_DIR": str(data_dir),
        }
        command = [sys.executable, "-m", "loresmith.lore_service"]
        part = Part("lore", command, self.env | own | env, log, lambda: listens(port))
        service = Service(part, port, data_dir)
        self.services.append(service)
        service.start()
        return service

    def job(self, **submitted: Any) -> str:
        """Claims a new job; returns the call_id of its first call."""
        self.jobs += 1
        return f"{self.store.running(f'job{self.jobs}', **submitted)}/generate/0"

    def row(self, call_id: str) -> dict[str, str]:
        return dict(self.redis.hgetall(keys.call(call_id)))

    def state(self, call_id: str) -> str:
        return self.row(call_id).get("state", "absent")

    def provider_record(self, call_id: str) -> dict[str, Any]:
        """Reads the offline model's record of a call: requests, billed, outcome …"""
        _, counters = request("GET", f"http://127.0.0.1:{self.offline_port}/counters")
        return dict(counters["calls"].get(call_id, {"requests": 0, "billed": 0}))

    def billed(self, call_id: str) -> int:
        return int(self.provider_record(call_id)["billed"])

    def set_fault(self, fault: str, **options: Any) -> None:
        """Sets a fault at the offline model."""
        url = f"http://127.0.0.1:{self.offline_port}/faults"
        status, body = request("PUT", url, {"fault": fault} | options)
        assert status == 200, body

    def streaming(self, call_id: str) -> Any:
        """Starts a slow call; returns its stream once the ledger has some text."""
        stream = self.service.stream(call_id, theme=SLOW_THEME)
        next(stream)
        wait_until(lambda: self.row(call_id).get("text"), f"{call_id} has text in the ledger")
        assert self.state(call_id) == "intent", "the call ended too early"
        return stream


def receive(stream: Any) -> Received:
    """Receives an RPC until its end. Raises RpcFailed."""
    received = Received()
    try:
        for message in stream:
            received.add(message)
    except grpc.RpcError as error:
        raise RpcFailed(error, received) from None
    return received


@contextmanager
def lore_harness(directory: Path, **env: str) -> Iterator[LoreHarness]:
    """Starts Redis, the offline model and one lore_service for a with block."""
    port = free_port()
    common = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    common |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    log = directory / "offline.log"
    log.touch()
    command = [sys.executable, "-m", "loresmith.offline_model", "--port", str(port)]
    command += ["--seconds", str(ANSWER_S)]
    offline = Part("offline", command, common, log, lambda: listens(port))
    with redis_server(directory) as server:
        urls = {"REDIS_URL": server.url, "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1"}
        harness = LoreHarness(directory, server, offline, port, common | SHORT_LEASES | urls | env)
        try:
            offline.start()
            harness.add()
            offline.wait()
            yield harness
        finally:
            for service in harness.services:
                service.channel.close()
                service.part.stop()
            offline.stop()
