"""An api as a process of its own on a free port, and a client that can also misbehave."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BODY = {"type": "generate_characters", "payload": {"theme": "fantasy"}}


@dataclass
class Answer:
    """What came back: status, headers with small names, and the body."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Api:
    """A running api."""

    process: "subprocess.Popen[bytes]"
    port: int
    log_file: Path

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request on a connection of its own."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else json.dumps(body)
        if content:
            sent.setdefault("Content-Type", "application/json")
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, content, sent)
            response = connection.getresponse()
            matches = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, matches, response.read(), time.monotonic() - began)
        finally:
            connection.close()

    def submit(self, **headers: str) -> Answer:
        return self.ask("POST", "/jobs", BODY, **headers)

    def send(self, *pieces: bytes, timeout: float = 20) -> bytes:
        """Raw bytes; all that comes back until the server closes or `timeout` seconds are over."""
        with self.connection(timeout) as raw:
            for piece in pieces:
                try:
                    raw.sendall(piece)
                except ConnectionError:
                    break  # it has closed on us; what it said before may still be read
            return received(raw)

    @contextmanager
    def connection(self, timeout: float = 20) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as raw:
            yield raw

    def stop(self, number: int = signal.SIGTERM, timeout: float = 15) -> int:
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout)


def received(raw: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    return b"".join(pieces(raw))


def pieces(raw: socket.socket) -> Iterator[bytes]:
    """The same piece by piece."""
    with contextlib.suppress(TimeoutError, ConnectionError):
        while piece := raw.recv(65_536):
            yield piece


@contextmanager
def api(
    redis_url: str, folder: Path, *options: str, max_files: int | None = None, **settings: str
) -> Iterator[Api]:
    """A running api for the length of a with block; `settings` are environment variables."""
    log = folder / f"api-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "loresmith.api", "--port", "0", *options]
    if max_files:
        command = ["sh", "-c", f'ulimit -n {max_files}; exec "$@"', "sh", *command]
    env = environment(redis_url, folder) | settings
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=out, stderr=out)
    running = Api(process, 0, log)
    try:
        running.port = _port(running)
        yield running
    finally:
        if process.poll() is None:
            running.stop()


def new_key(redis_url: str, folder: Path, **terms: Any) -> str:
    """Creates an API key directly in Redis, of an admin unless told otherwise."""
    process = subprocess.run(
        [sys.executable, "-m", "loresmith.api.auth"],
        input=json.dumps({"name": "test", "role": "admin"} | terms),
        env=environment(redis_url, folder),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return str(json.loads(process.stdout)["key"])


def environment(redis_url: str, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "REDIS_URL": redis_url,
        "DATABASE_URL": f"sqlite:///{folder}/worlds.db",
        "LORESMITH_LORE_SERVICE_ADDRESS": "127.0.0.1:9",
    }


def _port(running: Api) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if matches := re.search(r"ready on http://\S+:(\d+)", running.log):
            return int(matches[1])
        if running.process.poll() is not None:
            break
        time.sleep(0.02)
    raise AssertionError(f"the api did not come up: {running.log}")


def made(running: Api, **more: Any) -> str:
    """A new job, its id; `more` are members of the request."""
    body = {"type": "generate_relics", "payload": {"theme": "salt"}} | more
    return str(running.ask("POST", "/jobs", body).json["id"])
