"""A `loresmith up` of one test, and all processes that it starts."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import free_port
from tests.stack import ROOT, request
from tests.waiting import wait_until


def environment(**more: str) -> dict[str, str]:
    """Returns the environment of a new user: no settings of ours."""
    names = ("PATH", "HOME", "LANG", "TERM")
    inherited = {name: os.environ[name] for name in names if name in os.environ}
    return inherited | {"PYTHONPATH": str(ROOT), "LORESMITH_SHUTDOWN_GRACE_S": "5"} | more


def accept_ctrl_c() -> None:
    """Undoes what a test run in the background of a script inherits: an ignored SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class UpProcess:
    """`loresmith up` on a free port; `folder` is its data folder."""

    folder: Path
    seconds: float = 0.0
    port: int = field(default_factory=free_port)
    env: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self, *options: str) -> None:
        """Starts it without waiting."""
        command = [
            sys.executable, "-P", "-m", "loresmith", "up", "--port", str(self.port),
            "--data-dir", str(self.folder), "--seconds", str(self.seconds), *options,
        ]  # fmt: skip
        with self.output_file.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                env=environment(**self.env),
                stdout=out,
                stderr=out,
                cwd=self.folder.parent,
                preexec_fn=accept_ctrl_c,
            )

    def ready(self) -> "UpProcess":
        """Waits until it is ready."""

        def responds() -> bool:
            self.expect_alive()
            return request("GET", f"{self.url}/readyz")[0] == 200

        wait_until(responds, f"up is ready at {self.url}", timeout=60, every=0.05)
        wait_until(lambda: "Try it" in self.output, "the summary is printed", timeout=10)
        return self

    def expect_alive(self) -> None:
        if self.process is None or self.process.poll() is not None:
            raise AssertionError(f"up has ended:\n{self.output}")

    def ended(self, timeout: float = 60) -> int:
        """Waits for its end, and returns the exit code."""
        if self.process is None:
            raise AssertionError("up was not started")
        return self.process.wait(timeout)

    def stop(self) -> int:
        """Sends SIGTERM, and returns the exit code."""
        self.send(signal.SIGTERM)
        return self.ended()

    def send(self, number: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(number)

    def clean_up(self) -> None:
        """Kills it and all its processes."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in processes_of(self.folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output_file(self) -> Path:
        return self.folder.with_suffix(".out")

    @property
    def output(self) -> str:
        return self.output_file.read_text()

    @property
    def status(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "up.json").read_text()))

    def pid(self, name: str) -> int:
        return int(self.status["parts"][name])

    def job(self, job_id: str) -> dict[str, Any]:
        status, job = request("GET", f"{self.url}/jobs/{job_id}")
        return dict(job) if status == 200 else {"status": f"no job ({status})"}

    def submit(self) -> str:
        body = {"type": "generate_relics", "payload": {"theme": "salt", "count": 1}}
        status, job = request("POST", f"{self.url}/jobs", body)
        if status != 202:
            raise AssertionError(f"POST /jobs answered {status}: {job}")
        return str(job["id"])

    def until_called(self, job_id: str) -> None:
        """Waits until a model call of the job was sent."""
        offline = json.loads((self.folder / "ports.json").read_text())["offline"]
        counters = f"http://127.0.0.1:{offline}/counters"
        wait_until(lambda: job_id in str(request("GET", counters)[1]), "a call was sent")

    def until_job(self, job_id: str, status: str, timeout: float = 45) -> dict[str, Any]:
        """Waits until the job has the status, and returns it."""
        reached = lambda: self.job(job_id)["status"] == status  # noqa: E731
        wait_until(reached, f"job {job_id} is {status}", timeout=timeout, every=0.05)
        return self.job(job_id)


def processes_of(folder: Path) -> list[int]:
    """Returns every process that names a data folder, or works in it, as the Redis server does."""
    name = str(folder).encode()
    return [int(p.name) for p in Path("/proc").glob("[0-9]*") if _is_alive(p) and _has(p, name)]


def _has(process: Path, name: bytes) -> bool:
    if int(process.name) == os.getpid():
        return False
    try:
        named = any(name in (process / file).read_bytes() for file in ("cmdline", "environ"))
        return named or name in os.fsencode((process / "cwd").readlink())
    except OSError:
        return False


def _is_alive(process: Path) -> bool:
    """A zombie is not alive."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
