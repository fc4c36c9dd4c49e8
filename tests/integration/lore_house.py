"""Redis, the offline model and lore_services as real processes, and a client that speaks gRPC."""

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

from jobs import keys
from protos.lore.v1 import lore_pb2 as pb
from protos.lore.v1 import lore_pb2_grpc
from tests.servers import RedisServer, free_port, redis_server
from tests.stack import Part, listens, request
from tests.store.driver import Store
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
SHORT_LEASES = {"LORESMITH_CALL_BEAT_S": "0.2", "LORESMITH_CALL_LEASE_S": "1"}
SECONDS = 0.2
"""Length of an answer; ten times that for a theme with `fault:slow`."""


@dataclass
class Heard:
    """What one asker was told."""

    how: list[str] = field(default_factory=list)
    text: str = ""
    items: list[str] = field(default_factory=list)
    usage: "pb.Usage | None" = None
    result: "pb.Result | None" = None

    def take(self, message: pb.GenerateResponse) -> None:
        match message.WhichOneof("event"):
            case "accepted":
                self.how.append(pb.Accepted.How.Name(message.accepted.how).removeprefix("HOW_"))
                self.text, self.items = "", []
            case "delta":
                assert message.delta.offset == len(self.text), "a piece of the text is missing"
                self.text += message.delta.text
            case "item":
                assert message.item.index == len(self.items), "an entity is missing"
                self.items.append(message.item.json)
            case "usage":
                self.usage = message.usage
            case "result":
                self.result = message.result


class Refused(Exception):
    """An RPC ended with an error, after what was heard."""

    def __init__(self, error: Any, heard: Heard) -> None:
        self.heard = heard
        super().__init__(f"{error.code()}: {error.details()}")
        self.status: grpc.StatusCode = error.code()
        found = dict(error.trailing_metadata() or ()).get("lore-error-bin")
        self.told = pb.LoreError.FromString(found) if found else None

    @property
    def code(self) -> str:
        return self.told.code if self.told else ""


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

    def stream(self, call_id: str, *, timeout: float = 20, **told: Any) -> Any:
        """An RPC under way; iterate it."""
        asked = {
            "call_id": call_id,
            "job_id": call_id.split("/")[0],
            "attempt": 1,
            "recipe": "generate_characters",
        }
        payload = {"theme": told.pop("theme", "fantasy"), "count": told.pop("count", 2)}
        asked |= {"input_json": json.dumps(payload)} | told
        return self.stub.Generate(pb.GenerateRequest(**asked), timeout=timeout)

    def ask(self, call_id: str, **told: Any) -> Heard:
        """The whole of a call. Raises Refused."""
        return listen(self.stream(call_id, **told))

    def refusal(self, call_id: str, **told: Any) -> Refused:
        """The error of a call that must end with one."""
        try:
            heard = self.ask(call_id, **told)
        except Refused as error:
            return error
        raise AssertionError(f"it was answered: {heard}")

    def cancel(self, call_id: str) -> str:
        told = self.stub.Cancel(pb.CancelRequest(call_id=call_id, reason="a test"), timeout=10)
        return pb.CallState.Name(told.state).removeprefix("CALL_STATE_")

    def lookup(self, call_id: str) -> tuple[str, pb.LookupResponse]:
        told = self.stub.Lookup(pb.LookupRequest(call_id=call_id), timeout=10)
        return pb.CallState.Name(told.state).removeprefix("CALL_STATE_"), told

    def health(self, name: str = "") -> str:
        stub = health_pb2_grpc.HealthStub(self.channel)
        told = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(told.status))

    def start(self, **env: str) -> None:
        self.part.start(**env)
        self.part.wait()


@dataclass
class House:
    """Everything that a lore_service works with, and any number of them."""

    directory: Path
    server: RedisServer
    offline: Part
    offline_port: int
    env: dict[str, str]
    services: list[Service] = field(default_factory=list)
    jobs: int = 0

    @property
    def redis(self) -> Any:
        """A fresh client; the server may have been started again."""
        return Redis(port=self.server.port, decode_responses=True, socket_timeout=5)

    @property
    def store(self) -> Store:
        return Store(self.redis)

    @property
    def service(self) -> Service:
        return self.services[0]

    def add(self, **env: str) -> Service:
        """One more lore_service, started; with a data folder of its own."""
        port, number = free_port(), len(self.services)
        log, data_dir = self.directory / f"lore{number}.log", self.directory / f"data{number}"
        log.touch()
        own = {"LORE_ADDRESS": f"127.0.0.1:{port}", "LORESMITH_DATA_DIR": str(data_dir)}
        command = [sys.executable, "-m", "lore_service"]
        part = Part("lore", command, self.env | own | env, log, lambda: listens(port))
        service = Service(part, port, data_dir)
        self.services.append(service)
        service.start()
        return service

    def job(self, **submitted: Any) -> str:
        """A job that a worker has just claimed; answers the call_id of its first call."""
        self.jobs += 1
        return f"{self.store.running(f'job{self.jobs}', **submitted)}/generate/0"

    def row(self, call_id: str) -> dict[str, str]:
        return dict(self.redis.hgetall(keys.call(call_id)))

    def state(self, call_id: str) -> str:
        return self.row(call_id).get("state", "absent")

    def bill(self, call_id: str) -> dict[str, Any]:
        """What the offline model says of a call: requests, billed, outcome …"""
        _, told = request("GET", f"http://127.0.0.1:{self.offline_port}/counters")
        return dict(told["calls"].get(call_id, {"requests": 0, "billed": 0}))

    def billed(self, call_id: str) -> int:
        return int(self.bill(call_id)["billed"])

    def fault(self, fault: str, **more: Any) -> None:
        """Puts a fault in force at the offline model."""
        url = f"http://127.0.0.1:{self.offline_port}/faults"
        status, told = request("PUT", url, {"fault": fault} | more)
        assert status == 200, told

    def until_text(self, call_id: str) -> None:
        """Waits until a call is in the middle of its text, and the ledger has some of it."""
        wait_until(lambda: self.row(call_id).get("text"), f"{call_id} has text in the ledger")


def listen(stream: Any) -> Heard:
    """Hears an RPC to its end. Raises Refused."""
    heard = Heard()
    try:
        for message in stream:
            heard.take(message)
    except grpc.RpcError as error:
        raise Refused(error, heard) from None
    return heard


@contextmanager
def house(directory: Path, **env: str) -> Iterator[House]:
    """With one lore_service, for the length of a with block."""
    port = free_port()
    common = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    common |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    log = directory / "offline.log"
    log.touch()
    command = [sys.executable, "-m", "lore_service.offline", "--port", str(port)]
    command += ["--seconds", str(SECONDS)]
    offline = Part("offline", command, common, log, lambda: listens(port))
    with redis_server(directory) as server:
        told = {"REDIS_URL": server.url, "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1"}
        made = House(directory, server, offline, port, common | SHORT_LEASES | told | env)
        try:
            offline.start()
            made.add()
            offline.wait()
            yield made
        finally:
            for service in made.services:
                service.channel.close()
                service.part.stop()
            offline.stop()
