"""`loresmith demo`: everything started, one job watched, everything stopped."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final, Self

from rich.console import Console

from loresmith.cli import cards
from loresmith.cli.exits import FAILED, Failure
from loresmith.cli.progress import watcher
from loresmith.cli.text import told
from loresmith.client import Client
from loresmith.errors import LoresmithError
from loresmith.job import Job, JobType
from loresmith.up.part import dies_with_us
from loresmith.up.plan import PACKAGES
from loresmith.up.ports import free_port
from loresmith.up.probe import not_ready
from loresmith.up.screen import program, shown

OWN: Final = ("REDIS_URL", "DATABASE_URL", "LORE_ADDRESS", "OPENAI_API_KEY", "OPENAI_BASE_URL")
"""Settings that a demo must not use: it touches nothing of yours and spends no money."""
START_S: Final = 60.0
STOP_S: Final = 60.0
POLL_S: Final = 0.2


class Demo:
    """One showing, on a server of its own."""

    def __init__(self, type: str, wishes: Mapping[str, Any], data_dir: Path, pace_s: float) -> None:
        self._type = type
        self._wishes = wishes
        self._server = Server(data_dir, pace_s)
        self._data_dir = data_dir
        self._console = Console(highlight=False)

    def run(self, *, keep: bool) -> None:
        """Shows it. `keep` leaves the server running until Ctrl-C. Raises Failure."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
        try:
            with self._server as server:
                try:
                    self._show(server, keep)
                finally:
                    self._say("\nStopping everything...")
        except LoresmithError as error:
            raise Failure(f"{error}\n{server.said()}", FAILED) from None
        self._say("Stopped.")

    def _show(self, server: "Server", keep: bool) -> None:
        self._start(server)
        with Client(server.url, patience_s=5, poll_s=POLL_S) as client:
            job = self._write(client)
        self._farewell(job, keep)
        if keep:
            server.wait()

    def _start(self, server: "Server") -> None:
        began = time.monotonic()
        words = "Starting Redis, the offline model, lore_service, worker and api"
        if self._console.is_terminal:
            with self._console.status(f"{words}..."):
                server.until_ready()
        else:
            server.until_ready()
        self._say(f"{words}: {time.monotonic() - began:.1f} s.")
        self._say(f"The model is offline and not an LLM. The api: {server.url}")

    def _write(self, client: Client) -> Job:
        payload = self._payload(client.types())
        # A second demo shall show a model at work, too, not its kept answer.
        job = client.submit(self._type, payload, options={"cache": "skip"})
        self._say(f"\nPOST /jobs {self._type} {_words(payload)}\n→ job {job.id}\n")
        try:
            with watcher(self._console) as watching:
                job = client.wait(job.id, on_update=watching.update)
        except BaseException:
            with suppress(LoresmithError):
                client.cancel(job.id, reason="the demo was left")
            raise
        self._say("")
        cards.show(self._console, job.result)
        return job

    def _payload(self, types: list[JobType]) -> dict[str, Any]:
        """What the job type's example says, and the wishes that the type knows."""
        kind = next((kind for kind in types if kind.type == self._type), None)
        if kind is None:
            known = ", ".join(kind.type for kind in types)
            raise Failure(f"There is no job type {self._type!r}. The types are {known}.", FAILED)
        fields = kind.payload_schema.get("properties", {})
        wishes = {name: value for name, value in self._wishes.items() if name in fields}
        return dict(kind.example or {}) | wishes

    def _farewell(self, job: Job, keep: bool) -> None:
        loresmith, folder = program("loresmith"), shown(self._data_dir.resolve())
        self._say(f"\nThe result: curl {self._server.url}/jobs/{job.id}")
        if keep:
            self._say("The server runs until Ctrl-C.")
            return
        self._say("That server stops now; the job stays in its data for 24 hours. To see it again:")
        self._say(f"  {loresmith} up --data-dir {folder}")
        self._say("and in another terminal:")
        self._say(f"  {loresmith} show {job.id}")

    def _say(self, line: str) -> None:
        self._console.print(told(line), soft_wrap=True)


class Server:
    """`loresmith up` as a child: stopped with us, and also if we are killed."""

    def __init__(self, data_dir: Path, pace_s: float) -> None:
        self._data_dir = data_dir
        self._pace_s = pace_s
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            sys.executable, "-P", "-m", "loresmith", "up", "--port", str(port),
            "--data-dir", str(self._data_dir), "--seconds", f"{self._pace_s:g}",
        ]  # fmt: skip
        env = {name: value for name, value in os.environ.items() if name not in OWN}
        self._process = subprocess.Popen(
            command,
            env=env | {"PYTHONPATH": str(PACKAGES), "LORESMITH_GRACE_S": "1"},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=dies_with_us(signal.SIGTERM),
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops it. A further Ctrl-C is passed on to it, and makes it hurry."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: self._tell())
        self._tell()
        if self._process:
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def until_ready(self) -> None:
        """Returns when it can work. Raises Failure."""
        until = time.monotonic() + START_S
        while not_ready(self.url) != {}:
            if self._process is None or self._process.poll() is not None:
                raise Failure(self.said(), FAILED)
            if time.monotonic() > until:
                raise Failure(f"Not ready after {START_S:g} s.\n{self.said()}", FAILED)
            time.sleep(0.05)

    def wait(self) -> None:
        """Returns when it has stopped, or on Ctrl-C."""
        with suppress(KeyboardInterrupt):
            if self._process:
                self._process.wait()

    def said(self) -> str:
        """What it printed."""
        self._output.seek(0)
        return self._output.read().strip().removeprefix("Error: ")

    def _tell(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _words(payload: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in payload.items())
