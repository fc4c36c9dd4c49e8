"""A whole stack of real processes on free loopback ports, for e2e tests, benches and chaos.

Each process can be killed, paused and restarted on the same port, and is stopped by its id.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis

from tests.servers import RedisServer, free_port
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Part:
    """One process of the stack."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    ready: Callable[[], bool]
    process: "subprocess.Popen[bytes] | None" = None

    def start(self, **env: str) -> None:
        """Starts it without waiting; `env` is for this start only."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.env | env, stdout=log, stderr=log, cwd=ROOT
            )

    def wait(self, timeout: float = 20) -> None:
        """Waits until it is ready; fails with the end of its log."""
        try:
            wait_until(self.ready, f"{self.name} is ready", timeout=timeout, every=0.03)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.tail()}") from None

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Sends SIGKILL, and waits for the end."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self, timeout: float = 15) -> int:
        """Sends SIGTERM, and SIGKILL after the timeout; returns the exit code."""
        if not self.process:
            return 0
        self.resume()
        self._signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9

    def _signal(self, number: int) -> None:
        if self.alive and self.process:
            os.kill(self.process.pid, number)


@dataclass
class Stack:
    """All processes. Of several workers the first one has the short name."""

    directory: Path
    seconds: float = 0.0
    workers_wanted: int = 1
    chunks: int | None = None
    """Chunks of a streamed response; None: two a second."""
    env: dict[str, str] = field(default_factory=dict)
    prices: tuple[int, int] | None = None
    """What the offline model bills for a million tokens, in and out; LORESMITH_PRICES_FILE says
    the same.
    """
    redis_server: RedisServer = field(default=None)  # type: ignore[assignment]
    parts: dict[str, Part] = field(default_factory=dict)
    api_ports: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.redis_server = self.redis_server or RedisServer(free_port(), self.directory)
        self.offline_port, self.lore_port, self.api_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.api_port}"
        self.offline_url = f"http://127.0.0.1:{self.offline_port}"
        self._common = self._environment()
        self._add_parts()

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ
        }
        if self.prices:
            inherited |= {"LORESMITH_PRICES_FILE": str(self._price_list(*self.prices))}
        return inherited | {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "REDIS_URL": self.redis_server.url,
            "DATABASE_URL": f"sqlite:///{self.directory}/worlds.db",
            "LORESMITH_LORE_SERVICE_ADDRESS": f"127.0.0.1:{self.lore_port}",
            "LORESMITH_DATA_DIR": str(self.directory),
            "OPENAI_BASE_URL": f"{self.offline_url}/v1",
            "OPENAI_API_KEY": "offline",
            "LORESMITH_CACHE_TTL_S": "0",  # most tests count model calls
            **self.env,
        }

    def _price_list(self, price_in: int, price_out: int) -> Path:
        path = self.directory / "prices.json"
        price = {"input_per_mtok": price_in, "output_per_mtok": price_out}
        path.write_text(json.dumps({self.env.get("LORESMITH_MODEL", "gpt-5-mini"): price}))
        return path

    def _add_parts(self) -> None:
        python = sys.executable
        offline = [python, "-m", "loresmith.offline_model", "--port", str(self.offline_port)]
        offline += ["--seconds", str(self.seconds), "--ledger", str(self.directory / "bills.jsonl")]
        if self.prices:
            offline += ["--price-in", str(self.prices[0]), "--price-out", str(self.prices[1])]
        if self.chunks:
            offline += ["--chunks", str(self.chunks)]
        self._add("offline", offline, lambda: listens(self.offline_port))
        self._add("lore", [python, "-m", "loresmith.lore_service"], lambda: listens(self.lore_port))
        for number in range(self.workers_wanted):
            name = "worker" if number == 0 else f"worker{number + 1}"
            self._add(name, [python, "-m", "loresmith.worker"], self._worker_ready(number + 1))
        self._add_api("api", self.api_port)

    def add_api(self) -> None:
        """Adds an api before the start."""
        self._add_api(f"api{len(self.api_ports) + 1}", free_port())

    def _add_api(self, name: str, port: int) -> None:
        self.api_ports.append(port)
        command = [sys.executable, "-m", "loresmith.api", "--port", str(port)]
        health = f"http://127.0.0.1:{port}/healthz"
        self._add(name, command, lambda: request("GET", health)[0] == 200)

    def _add(self, name: str, command: list[str], ready: Callable[[], bool]) -> None:
        log = self.directory / f"{name}.log"
        log.touch()
        self.parts[name] = Part(name, command, self._common, log, ready)

    def _worker_ready(self, at_least: int) -> Callable[[], bool]:
        def ready() -> bool:
            now = time.time() * 1000
            workers = f"{self.env.get('LORESMITH_PREFIX', '')}workers"
            return int(self.redis.zcount(workers, now, "+inf")) >= at_least

        return ready

    @property
    def redis(self) -> "Redis[str]":
        """A new client; the server may have been restarted."""
        return Redis(port=self.redis_server.port, decode_responses=True, socket_timeout=5)

    def __getitem__(self, name: str) -> Part:
        return self.parts[name]

    def start(self) -> None:
        """Starts everything, and waits until it is ready. A server may run already."""
        if not self.redis_server.process:
            self.redis_server.start()
        for part in self.parts.values():
            part.start()
        for part in self.parts.values():
            part.wait()

    def stop(self) -> None:
        """Stops everything, the server last."""
        for part in reversed(self.parts.values()):
            part.stop()
        self.redis_server.stop()

    def get(self, path: str) -> tuple[int, Any]:
        """Returns status and JSON of a GET on the api; status 0 when it is unreachable."""
        return request("GET", self.url + path)

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        return request("POST", self.url + path, body, headers)

    def submit(self, type: str = "generate_characters", **payload: Any) -> str:
        """Submits a job, and returns its id."""
        status, job = self.post("/jobs", {"type": type, "payload": {"theme": "fantasy", **payload}})
        if status != 202:
            raise AssertionError(f"POST /jobs returned {status}: {job}")
        return str(job["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        status, job = self.get(f"/jobs/{job_id}")
        if status != 200:
            raise AssertionError(f"GET /jobs/{job_id} returned {status}: {job}")
        return dict(job)

    def wait_for(self, job_id: str, *statuses: str, timeout: float = 60) -> dict[str, Any]:
        """Waits until the job has one of the statuses (default: any terminal one)."""
        expected = statuses or ("completed", "failed", "cancelled")

        def reached() -> dict[str, Any] | None:
            status, job = self.get(f"/jobs/{job_id}")
            return job if status == 200 and job["status"] in expected else None

        return wait_until(reached, f"job {job_id} is {expected}", timeout=timeout, every=0.05) or {}

    def generated_text(self, job_id: str, attempt: int = 1) -> str:
        """The text of a job's attempt, as the stream of all jobs still holds it."""
        text = ""
        for _, fields in self.redis.xrange("updates"):
            is_own = fields["job"] == job_id and fields["attempt"] == str(attempt)
            if is_own and fields["type"] == "delta":
                text = text[: int(fields["offset"])] + fields["text"]
        return text

    def bills(self) -> dict[str, int]:
        """Counts the charges of each call_id in the ledger of the offline model."""
        counts: dict[str, int] = {}
        for entry in self.ledger():
            if entry.get("billed"):
                counts[entry["call_id"]] = counts.get(entry["call_id"], 0) + 1
        return counts

    def ledger(self) -> list[dict[str, Any]]:
        """Reads the ledger of the offline model."""
        file = self.directory / "bills.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [json.loads(line) for line in lines]


@contextmanager
def stack(directory: Path, **options: Any) -> Iterator[Stack]:
    """Runs a stack for the length of a with block."""
    running = Stack(directory, **options)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def listens(port: int) -> bool:
    """Whether a loopback port accepts connections."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def request(
    method: str, url: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, Any]:
    """Returns status and JSON; (0, None) without a response."""
    data = None if body is None else json.dumps(body).encode()
    prepared = urllib.request.Request(
        url, data, {"Content-Type": "application/json", **(headers or {})}, method=method
    )
    try:
        with urllib.request.urlopen(prepared, timeout=10) as response:
            return response.status, json.loads(response.read() or b"null")
    except urllib.error.HTTPError as problem:
        return problem.code, json.loads(problem.read() or b"null")
    except (OSError, http.client.HTTPException):  # also a response that was cut
        return 0, None
