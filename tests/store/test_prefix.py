"""All keys begin with the configured prefix, in Python and Lua."""

import os
import subprocess
import sys

import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.integration

SUITE = ("test_ending.py", "test_finding.py", "test_budget_settling.py", "test_response_cache.py")


def test_the_scripts_work_behind_a_prefix() -> None:
    """Given a prefix / when tests of this folder run / I expect them to pass, and their leak
    checker to find no key without it.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    command += ["-m", "not integration", *(f"tests/store/{name}" for name in SUITE)]

    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"LORESMITH_PREFIX": "{lo.re}:"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout[-2000:]
