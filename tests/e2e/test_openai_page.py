"""The programs of docs/openai-sdk.md run as they are."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import ROOT, Stack, stack

pytestmark = pytest.mark.e2e

PAGE = (ROOT / "docs" / "openai-sdk.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("page"), seconds=0.5, prices=(1, 2)) as started:
        yield started


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_a_program_of_the_page_runs(running: Stack, tmp_path: Path, number: int) -> None:
    """Given a program with the address of this server / I expect it to end well, with a job."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAMS[number].replace("http://127.0.0.1:8080", running.url))
    before = running.redis.zcard("jobs:all")

    ran = subprocess.run(
        [sys.executable, str(program)],
        cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    assert running.redis.zcard("jobs:all") == before + 1
