"""`loresmith doctor` and `loresmith probe` beside real processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.up_process import environment
from tests.stack import Stack, stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


def loresmith(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "loresmith", *words]
    return subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )


def probe(running: Stack, process: str) -> int:
    words = ("--data-dir", str(running.directory), "--url", running.url)
    return loresmith("probe", process, *words).returncode


def worker_lives(running: Stack) -> bool:
    return bool(running.get("/system")[1]["checks"]["workers"]["ok"])


def test_each_process_is_probed_by_itself(tmp_path: Path) -> None:
    """Given a running system / I expect every probe to succeed, and the doctor to be content
    / when the worker and the lore_service are killed / I expect their probes to fail, the api to
    be ready, because it accepts jobs, and the doctor to name both.
    """
    with stack(tmp_path / "data") as running:
        assert [probe(running, name) for name in ("api", "worker", "lore_service")] == [0, 0, 0]
        wait_until(lambda: running.get("/system")[1]["status"] == "ok", "all is well")
        assert loresmith("doctor", "--url", running.url).returncode == 0

        running["worker"].kill()
        running["lore"].kill()

        assert [probe(running, name) for name in ("api", "worker", "lore_service")] == [0, 1, 1]
        wait_until(
            lambda: not running.get("/system")[1]["checks"]["workers"]["ok"],
            "it is noticed",
            timeout=30,
        )
        assert running.get("/readyz")[0] == 200
        patient = loresmith("doctor", "--url", running.url)
        assert patient.returncode == 1
        assert "Start one: python -m worker" in patient.stdout
        assert "Start one: python -m lore_service" in patient.stdout
