"""A `loresmith up` of a test's own, and every process that comes of it."""

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
    """What a new user's shell has: no settings of ours."""
    kept = ("PATH", "HOME", "LANG", "TERM")
    named = {name: os.environ[name] for name in kept if name in os.environ}
    return named | {"PYTHONPATH": str(ROOT), "LORESMITH_GRACE_S": "5"} | more


@dataclass
class Up:
    """`loresmith up` on a free port; `folder` is its data folder."""

    folder: Path
    seconds: float = 0.0
    port: int = field(default_factory=free_port)
    env: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self, *options: str) -> None:
        """Starts it; does not wait."""
        command = [
            sys.executable, "-P", "-m", "loresmith", "up", "--port", str(self.port),
            "--data-dir", str(self.folder), "--seconds", str(self.seconds), *options,
        ]  # fmt: skip
        with self.output_file.open("wb") as out:
            self.process = subprocess.Popen(
                command, env=environment(**self.env), stdout=out, stderr=out, cwd=self.folder.parent
            )

    def ready(self) -> "Up":
        """Waits until it can work."""

        def answers() -> bool:
            self.expect_alive()
            return request("GET", f"{self.url}/readyz")[0] == 200

        wait_until(answers, f"up is ready at {self.url}", timeout=60, every=0.05)
        wait_until(lambda: "Try it" in self.output, "the screen is shown", timeout=10)
        return self

    def expect_alive(self) -> None:
        if self.process is None or self.process.poll() is not None:
            raise AssertionError(f"up has ended:\n{self.output}")

    def ended(self, timeout: float = 60) -> int:
        """Its exit code, once it has ended."""
        if self.process is None:
            raise AssertionError("up was not started")
        return self.process.wait(timeout)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self.send(signal.SIGTERM)
        return self.ended()

    def send(self, number: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(number)

    def clean_up(self) -> None:
        """Nothing is left of it, whatever the test did."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pid in strays(self.folder):
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
    def notes(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "up.json").read_text()))

    def pid(self, part: str) -> int:
        return int(self.notes["parts"][part])

    def job(self, job_id: str) -> dict[str, Any]:
        status, job = request("GET", f"{self.url}/jobs/{job_id}")
        return dict(job) if status == 200 else {"status": f"no answer ({status})"}

    def submit(self) -> str:
        body = {"type": "generate_relics", "payload": {"theme": "salt", "count": 1}}
        status, job = request("POST", f"{self.url}/jobs", body)
        if status != 202:
            raise AssertionError(f"POST /jobs answered {status}: {job}")
        return str(job["id"])

    def until_bought(self, job_id: str) -> None:
        """Waits until a model call of the job has left."""
        offline = json.loads((self.folder / "ports.json").read_text())["offline"]
        counters = f"http://127.0.0.1:{offline}/counters"
        wait_until(lambda: job_id in str(request("GET", counters)[1]), "a call has left")

    def until_job(self, job_id: str, status: str, timeout: float = 45) -> dict[str, Any]:
        """The job, once it has the status."""
        reached = lambda: self.job(job_id)["status"] == status  # noqa: E731
        wait_until(reached, f"job {job_id} is {status}", timeout=timeout, every=0.05)
        return self.job(job_id)


def strays(folder: Path) -> list[int]:
    """Every process that was told of a data folder, or that works in it, as a Redis server does."""
    name = str(folder).encode()
    return [int(p.name) for p in Path("/proc").glob("[0-9]*") if _is_alive(p) and _has(p, name)]


def _has(process: Path, name: bytes) -> bool:
    if int(process.name) == os.getpid():
        return False
    try:
        told = any(name in (process / file).read_bytes() for file in ("cmdline", "environ"))
        return told or name in os.fsencode((process / "cwd").readlink())
    except OSError:
        return False


def _is_alive(process: Path) -> bool:
    """A zombie is dead, though nobody has taken note yet."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
