"""Who may import whom: the contracts of pyproject.toml, explained in docs/architecture.md."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT


def test_the_contracts_hold() -> None:
    """In a process of its own, because import-linter silences every logger there is."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]

    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert linted.returncode == 0, linted.stdout + linted.stderr
