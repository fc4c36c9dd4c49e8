"""A minute of chaos and a thousand cancels; `make chaos` runs the long ones."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
ROOT = Path(__file__).parents[2]


def run(module: str, *arguments: str) -> str:
    """What it printed. Its exit code says whether anything was violated."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=380)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_minute_of_chaos() -> None:
    """Given all kinds of jobs, and processes that are killed and paused and replies that are lost
    / I expect every promise to hold, and that it was put to the test.
    """
    told = run("chaos", "--seed", "7", "--jobs", "100", "--rate", "5", "--minutes", "0.6")

    figures = json.loads(told.splitlines()[-1])
    assert figures["violations"] == 0
    assert figures["jobs"] > 50
    assert figures["calls"] > 60
    assert figures["faults"] > 30


def test_a_thousand_cancels_at_random_moments() -> None:
    told = run("chaos.cancel_race", "--cancels", "1000", "--seed", "7")

    assert "seed 7: 1000 cancels" in told
    assert "BAD" not in told
