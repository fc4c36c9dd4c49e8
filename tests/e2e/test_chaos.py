"""A short chaos run and a thousand cancels; `make chaos` runs the long ones."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
ROOT = Path(__file__).parents[2]


def run(module: str, *arguments: str) -> str:
    """Runs a module, and returns its output. Its exit code is not 0 after a violation."""
    command = [sys.executable, "-m", module, *arguments]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=380)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_a_minute_of_chaos() -> None:
    """Given all kinds of jobs, and processes that are killed or paused, and lost replies
    / I expect no violated invariant after enough faults. It ends with the last job that is
    submitted, however long that takes.
    """
    output = run("chaos", "--seed", "7", "--jobs", "40", "--rate", "5", "--minutes", "4")

    figures = json.loads(output.splitlines()[-1])
    assert figures["violations"] == 0
    assert figures["jobs"] > 30
    assert figures["calls"] > 30
    assert figures["faults"] > 20


def test_a_thousand_cancels_at_random_moments() -> None:
    output = run("chaos.cancel_race", "--cancels", "1000", "--seed", "7")

    assert "seed 7: 1000 cancels" in output
    assert "BAD" not in output
