"""The server of a demo is stopped, also when one of its processes does not end."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loresmith.cli.demo import DemoServer

STUBBORN = """
import signal, sys, time
signals = []
signal.signal(signal.SIGTERM, lambda *_: signals.append(1))
print("ready", flush=True)
while len(signals) < int(sys.argv[1]):
    time.sleep(0.01)
"""


@pytest.mark.parametrize(("needed", "status"), [(1, 0), (2, 0), (99, -signal.SIGKILL)])
def test_a_server_that_does_not_stop_is_told_again_and_then_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed: int, status: int
) -> None:
    """Given a server that ends after so many signals / I expect it gone in a bounded time."""
    monkeypatch.setattr("loresmith.cli.demo.STOP_TIMEOUT_S", 0.5 if needed > 1 else 20)
    monkeypatch.setattr("loresmith.cli.demo.FORCED_STOP_TIMEOUT_S", 0.5 if needed > 2 else 20)
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, str(needed)], stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    server = DemoServer(tmp_path, 1.0)
    server._process = process
    began = time.monotonic()

    server._stop()

    process.stdout.close()
    server._output.close()
    assert process.returncode == status
    assert time.monotonic() - began < 10
