"""The commands, requests and the program of docs/prompt.md do what the page says."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.e2e.test_docs_examples import commands, curl, first_object
from tests.e2e.up_process import UpProcess, environment
from tests.stack import ROOT, request

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
PAGE = (ROOT / "docs/prompt.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UpProcess]:
    up = UpProcess(tmp_path_factory.mktemp("prompt-page") / "data")
    try:
        up.start()
        yield up.ready()
    finally:
        up.clean_up()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a change, and `loresmith` on the path of its shell."""
    program = tmp_path / "bin/loresmith"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m loresmith "$@"\n')
    program.chmod(0o755)
    repository = tmp_path / "repository"
    repository.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
    (repository / "a.txt").write_text("old\n")
    subprocess.run(["git", "add", "a.txt"], cwd=repository, check=True)
    (repository / "a.txt").write_text("new\n")
    return repository


def shell(up: UpProcess, folder: Path, line: str) -> str:
    """Runs a line of the page; returns its output."""
    env = environment(LORESMITH_URL=up.url)
    env["PATH"] = f"{folder.parent / 'bin'}:{env['PATH']}"
    ran = subprocess.run(
        ["bash", "-c", line],
        cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, (line, ran.stdout, ran.stderr)
    return ran.stdout


def test_the_commands(up: UpProcess, folder: Path) -> None:
    lines = re.findall(r"^\$ (.*loresmith prompt.*)$", PAGE, re.MULTILINE)
    haiku, review, towns, child = (shell(up, folder, line) for line in lines)

    assert haiku.strip()
    assert review == ""
    assert (folder / "review.txt").read_text().strip()
    assert "towns" in json.loads(towns)
    assert child.strip()
    job = request("GET", f"{up.url}/jobs?limit=1&include=payload")[1]["jobs"][0]
    assert job["payload"]["variables"] == {"who": "a child"}


def test_the_requests_with_curl(up: UpProcess) -> None:
    """Given the page's commands / I expect the fields that it shows, the text as a stream, and the
    result.
    """
    create, stream, result = commands(PAGE)
    status, job = curl(up, create)
    assert status == 202
    shown = first_object(PAGE)
    for name in ("type", "status", "progress", "message", "title"):
        assert job[name] == shown[name]

    path = re.sub(r".*(/jobs/)[0-9a-f-]{36}", rf"\g<1>{job['id']}", stream)
    with urlopen(up.url + path, timeout=60) as events:
        assert b'"type":"done"' in events.read()
    status, answer = curl(up, re.sub(r"[0-9a-f-]{36}", job["id"], result))
    assert status == 200
    assert list(answer) == ["text", "output", "finish_reason", "tool_calls"]
    assert answer["text"]


def test_the_requests(up: UpProcess) -> None:
    """Given a schema, an image and a function / I expect JSON that fits, text, and a call."""

    def result(block: str) -> dict[str, Any]:
        job = request("POST", f"{up.url}/jobs", json.loads(block))[1]
        return dict(up.until_job(job["id"], "completed")["result"])

    schema, image, tools = map(result, blocks("json"))

    assert len(schema["output"]["towns"]) >= 2
    assert image["text"]
    assert [call["name"] for call in tools["tool_calls"]] == ["weather"]


def test_the_program(up: UpProcess, tmp_path: Path) -> None:
    (program,) = blocks("python")
    (tmp_path / "program.py").write_text(program)

    ran = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path, env=environment(LORESMITH_URL=up.url), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    (job,) = request("GET", f"{up.url}/jobs?limit=1&include=result")[1]["jobs"]
    assert job["result"]["text"] in ran.stdout
