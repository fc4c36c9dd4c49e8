"""The command `loresmith demo`: starts a stack, watches one job, stops the stack."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final, Self

from rich.console import Console

from loresmith.cli.exit_codes import FAILED, CommandError
from loresmith.cli.progress import progress_view
from loresmith.cli.render import show_result
from loresmith.cli.text import literal
from loresmith.client import Client, Job, JobTypeInfo, LoresmithError
from loresmith.supervisor.display import command_name, short_path
from loresmith.supervisor.plan import IMPORT_ROOT
from loresmith.supervisor.ports import find_free_port
from loresmith.supervisor.probe import failed_checks
from loresmith.supervisor.process import die_with_parent

REMOVED_VARIABLES: Final = (
    "REDIS_URL",
    "DATABASE_URL",
    "LORESMITH_LORE_SERVICE_ADDRESS",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "LORESMITH_PROVIDERS",
    *("REDIS_URL_FILE", "DATABASE_URL_FILE", "OPENAI_API_KEY_FILE"),
)
"""A demo uses no server of yours and spends no money."""
STARTING: Final = "Starting Redis, offline model, lore_service, worker and api"
START_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 10.0
"""Then a second signal stops the server at once."""
FORCED_STOP_TIMEOUT_S: Final = 20.0
RETRY_TIMEOUT_S: Final = 5.0
POLL_INTERVAL_S: Final = 0.2
READINESS_INTERVAL_S: Final = 0.05


class Demo:
    """One demonstration on a server of its own."""

    def __init__(
        self, type: str, fields: Mapping[str, Any], data_dir: Path, answer_s: float
    ) -> None:
        self._type = type
        self._fields = fields
        self._server = DemoServer(data_dir, answer_s)
        self._data_dir = data_dir
        self._console = Console(highlight=False)

    def run(self, *, keep: bool) -> None:
        """Runs it; `keep` leaves the server running until Ctrl-C. Raises CommandError."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _exit)
        try:
            with self._server as server:
                try:
                    self._show(server, keep)
                finally:
                    self._print("\nStopping everything...")
        except LoresmithError as error:
            raise CommandError(f"{error}\n{server.output()}", FAILED) from None
        self._print("Stopped.")

    def _show(self, server: "DemoServer", keep: bool) -> None:
        self._wait_until_ready(server)
        with Client(
            server.url, retry_timeout_s=RETRY_TIMEOUT_S, poll_interval_s=POLL_INTERVAL_S
        ) as client:
            job = self._run_job(client)
        if keep:
            self._print(f"\nResult: curl {server.url}/jobs/{job.id}")
            has_ctrl_c = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
            self._print(
                f"The server runs until {'Ctrl-C' if has_ctrl_c else f'kill {os.getpid()}'}."
            )
            server.wait()
        else:
            self._print_next_steps(job)

    def _wait_until_ready(self, server: "DemoServer") -> None:
        began = time.monotonic()
        if self._console.is_terminal:
            with self._console.status(f"{STARTING}..."):
                server.wait_until_ready()
        else:
            server.wait_until_ready()
        self._print(f"{STARTING}: {time.monotonic() - began:.1f} s.")
        self._print(f"The offline model is not an LLM and costs nothing. API: {server.url}")

    def _run_job(self, client: Client) -> Job:
        payload = self._payload(client.types())
        job = client.submit(self._type, payload)
        words = " ".join(f"{name}={value}" for name, value in payload.items())
        self._print(f"\nPOST /jobs {self._type} {words}\n→ job {job.id}\n")
        try:
            with progress_view(self._console) as view:
                job = client.wait(job.id, on_update=view.update)
        except BaseException:
            with suppress(LoresmithError):
                client.cancel(job.id, reason="the demo was interrupted")
            raise
        self._print("")
        show_result(self._console, job.result)
        return job

    def _payload(self, types: list[JobTypeInfo]) -> dict[str, Any]:
        """Returns the job type's example, with those of our fields that the type has."""
        job_type = next((each for each in types if each.type == self._type), None)
        if job_type is None:
            known = ", ".join(each.type for each in types)
            raise CommandError(f"No job type {self._type!r}. Job types: {known}.", FAILED)
        known_fields = job_type.payload_schema.get("properties", {})
        fields = {name: value for name, value in self._fields.items() if name in known_fields}
        return dict(job_type.example or {}) | fields

    def _print_next_steps(self, job: Job) -> None:
        loresmith, directory = command_name("loresmith"), short_path(self._data_dir.resolve())
        self._print("\nThe job is saved for 24 hours. To see it again, start a server:")
        self._print(f"  {loresmith} up --data-dir {directory}")
        self._print("and in another terminal:")
        self._print(f"  {loresmith} show {job.id}")

    def _print(self, line: str) -> None:
        self._console.print(literal(line), soft_wrap=True)


class DemoServer:
    """A child process `loresmith up`, stopped with the demo even if the demo is killed."""

    def __init__(self, data_dir: Path, answer_s: float) -> None:
        self._data_dir = data_dir
        self._answer_s = answer_s
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        port = find_free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            sys.executable, "-P", "-m", "loresmith", "up", "--port", str(port),
            "--data-dir", str(self._data_dir), "--seconds", f"{self._answer_s:g}",
        ]  # fmt: skip
        env = {name: value for name, value in os.environ.items() if name not in REMOVED_VARIABLES}
        self._process = subprocess.Popen(
            command,
            env=env | {"PYTHONPATH": str(IMPORT_ROOT), "LORESMITH_SHUTDOWN_GRACE_S": "1"},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        return self

    def __exit__(self, *exc: object) -> None:
        """Stops it; a further Ctrl-C is passed on and speeds up the stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: self._terminate())
        self._stop()

    def _stop(self) -> None:
        """Stops it, and at once after a while: its job has ended, so that nothing is lost."""
        for timeout_s in (STOP_TIMEOUT_S, FORCED_STOP_TIMEOUT_S):
            self._terminate()
            with suppress(subprocess.TimeoutExpired):
                if self._process:
                    self._process.wait(timeout_s)
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def wait_until_ready(self) -> None:
        """Returns when the server is ready. Raises CommandError."""
        until = time.monotonic() + START_TIMEOUT_S
        while failed_checks(self.url) != {}:
            if self._process is None or self._process.poll() is not None:
                raise CommandError(self.output(), FAILED)
            if time.monotonic() > until:
                message = f"Not ready after {START_TIMEOUT_S:g} s.\n{self.output()}"
                raise CommandError(message, FAILED)
            time.sleep(READINESS_INTERVAL_S)

    def wait(self) -> None:
        """Returns when the server has stopped, or on Ctrl-C."""
        with suppress(KeyboardInterrupt):
            if self._process:
                self._process.wait()

    def output(self) -> str:
        """Returns what the server printed."""
        self._output.seek(0)
        return self._output.read().strip().removeprefix("Error: ")

    def _terminate(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
