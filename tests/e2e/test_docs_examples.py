"""The commands and responses that README and docs show are those of a running server."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.e2e.up_process import UpProcess, environment
from tests.stack import ROOT, request

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UpProcess]:
    up = UpProcess(tmp_path_factory.mktemp("docs") / "data")
    try:
        up.start()
        yield up.ready()
    finally:
        up.clean_up()


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def curl(up: UpProcess, command: str) -> tuple[int, Any]:
    """Sends what a curl command of a page would send, to the test's own port."""
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    url, body, method = "", None, "GET"
    for word in words:
        if word == "-d":
            body, method = json.loads(next(words)), "POST"
        elif word == "-H":
            assert next(words) == "Content-Type: application/json"
        elif not word.startswith("-"):
            url = word
    path = re.sub(r"^(http://)?(127\.0\.0\.1|localhost):8080", "", url)
    return request(method, up.url + path, body)


def first_object(text: str) -> dict[str, Any]:
    """The first JSON object of a page that is cut short by dots."""
    match = re.search(r"^({\"id\".*?), \.\.\.}", text, re.MULTILINE | re.DOTALL)
    assert match
    return dict(json.loads(match[1] + "}"))


def commands(text: str) -> list[str]:
    """Every curl command of a page, with its continued lines."""
    return re.findall(r"^(?:\$ | {4})?(curl (?:.*\\\n)*.*)$", text, re.MULTILINE)


def run(up: UpProcess, line: str, cwd: Path | None = None) -> str:
    """Runs a `loresmith …` line of a page against the test's own server; returns its output."""
    words = shlex.split(line, comments=True)
    ran = subprocess.run(
        [sys.executable, "-P", "-m", *words, "--url", up.url],
        cwd=cwd, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, (line, ran.stdout, ran.stderr)
    return ran.stdout


def test_the_first_screen_of_the_readme(up: UpProcess) -> None:
    """Given the prompt and the two curl commands / I expect an answer, the status, and the fields
    that the page shows.
    """
    (line,) = re.findall(r"^\$ \.venv/bin/(loresmith prompt .*)$", page("README.md"), re.MULTILINE)
    assert run(up, line).strip()
    create, read = commands(page("README.md"))[:2]

    status, job = curl(up, create)
    assert status == 202
    shown = first_object(page("README.md"))
    for name in ("type", "status", "progress", "message", "title"):
        assert job[name] == shown[name]

    status, job = curl(up, re.sub(r"/jobs/[0-9a-f-]{36}", f"/jobs/{job['id']}", read))
    assert status == 200
    assert up.until_job(job["id"], "completed")["result"]


def test_the_commands_of_listing_jobs(up: UpProcess) -> None:
    status, reply = curl(up, commands(page("docs/listing-jobs.md"))[0])

    assert status == 200
    assert list(reply) == ["jobs", "next_cursor", "counts", "as_of"]
    for command in commands(page("docs/listing-jobs.md"))[1:]:
        assert curl(up, command)[0] == 200, command


def test_the_command_of_streams(up: UpProcess) -> None:
    """Given the id of a job in `$id` / I expect events up to the end of the job."""
    (command,) = commands(page("docs/streams.md"))
    (path,) = re.findall(r"8080(\S+)", command)

    with urlopen(up.url + path.replace("$id", up.submit()), timeout=60) as stream:
        text = stream.read().decode()

    assert '"type":"done"' in text


def test_the_command_of_the_command_line_page(up: UpProcess, tmp_path: Path) -> None:
    (tmp_path / "world.txt").write_text("A drowned valley.")
    (line,) = re.findall(r"^ {4}(loresmith .*)$", page("docs/cli.md"), re.MULTILINE)

    assert len(run(up, line, tmp_path).strip().splitlines()) >= 5


def test_the_example_of_the_python_client(up: UpProcess, tmp_path: Path) -> None:
    """Given the page's program in a folder of a user / I expect progress, then three names."""
    (program,) = re.findall(
        r"^```python\n(.*?)^```", page("docs/client.md"), re.DOTALL | re.MULTILINE
    )
    (tmp_path / "program.py").write_text(program)

    ran = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path, env=environment(LORESMITH_URL=up.url), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    (job,) = request("GET", f"{up.url}/jobs?limit=1")[1]["jobs"]
    result = request("GET", f"{up.url}/jobs/{job['id']}/result")[1]
    assert ran.stdout.splitlines()[-3:] == [character["name"] for character in result]


def test_the_estimate_of_the_money_page(up: UpProcess) -> None:
    """Given the response that the page shows / I expect the same fields, however deep."""
    (block,) = re.findall(r"```json\n(.*?)```", page("docs/money.md"), re.DOTALL)
    shown = json.loads(block)
    body = {"type": "generate_characters", "payload": {"theme": "fantasy"}}

    status, reply = request("POST", f"{up.url}/jobs/estimate", body)

    assert status == 200
    reply["estimate"]["steps"] = shown["estimate"]["steps"] = []
    assert shape(reply) == shape(shown)


def shape(value: Any) -> Any:
    """The names of a value's fields, without their values."""
    return {name: shape(part) for name, part in value.items()} if isinstance(value, dict) else None


def test_the_options_of_the_data_page(up: UpProcess) -> None:
    """I expect each request of the page to be accepted."""
    blocks = re.findall(r"```json\n(.*?)```", page("docs/data.md"), re.DOTALL)

    replies = [request("POST", f"{up.url}/jobs", json.loads(block)) for block in blocks]

    assert [status for status, _ in replies] == [202] * 3


def test_the_command_lines_of_budgets(up: UpProcess) -> None:
    block = re.search(r"```\n(loresmith .*?)```", page("docs/budgets.md"), re.DOTALL)
    assert block
    for line in block[1].splitlines():
        run(up, line)


def test_the_queue_control_page(up: UpProcess) -> None:
    """Given its commands and the settings of KEDA / I expect success, and an integer where KEDA
    looks for it.
    """
    text = page("docs/queue-control.md")
    (path,) = re.findall(r'url: "http://loresmith-api:8080(/\w+)"', text)
    (value,) = re.findall(r'valueLocation: "(\w+)"', text)

    for line in re.findall(r"^ {4}(loresmith .*)$", text, re.MULTILINE):
        run(up, line)

    status, reply = request("GET", f"{up.url}{path}")
    assert (status, type(reply[value])) == (200, int)


RUN_BY = {
    "README.md": {"": "a drawing", "console": "the first screen, and tests/e2e/test_demo.py"},
    "docs/adding-a-job-type.md": {
        "python": "tests/unit/jobs/types/test_job_types_document.py, "
        "tests/e2e/test_user_job_types.py",
        "bash": "tests/e2e/test_user_job_types.py",
        "toml": "tests/e2e/test_user_job_types.py",
    },
    "docs/architecture.md": {"": "a drawing"},
    "docs/authentication.md": {
        "": "tests/architecture/test_authentication_page.py",
        "json": "tests/unit/api/test_api_on_behalf.py",
        "console": "tests/integration/test_api_credentials.py",
        "js": "tests/integration/test_api_job_tokens.py",
    },
    "docs/browser.md": {
        "js": "tests/browser/test_docs_examples.py",
        "tsx": "tests/browser/test_docs_examples.py",
    },
    "docs/budgets.md": {"": "here"},
    "docs/client.md": {"python": "here", "": "tests/unit/loresmith/client/test_client_docs.py"},
    "docs/data.md": {"json": "here"},
    "docs/lifecycle.md": {"mermaid": "tests/architecture/test_docs.py"},
    "docs/listing-jobs.md": {"": "here"},
    "docs/logging.md": {"": "tests/unit/lore_service/test_lore_ai_call_log.py"},
    "docs/money.md": {"json": "here"},
    "docs/openai-sdk.md": {"python": "tests/e2e/test_openai_page.py"},
    "docs/prompt.md": {
        "console": "tests/e2e/test_prompt_page.py",
        "json": "tests/e2e/test_prompt_page.py",
        "python": "tests/e2e/test_prompt_page.py",
    },
    "docs/queue-control.md": {"yaml": "here"},
    "docs/providers.md": {
        "toml": "tests/architecture/test_providers_page.py",
        "console": "tests/integration/test_lore_conformance.py",
    },
    "docs/rate-limits.md": {"": "tests/store/test_pools.py"},
}
"""Page → language of its code blocks → what runs or checks them."""


@pytest.mark.parametrize(
    "path",
    [ROOT / "README.md", *sorted(Path(ROOT / "docs").glob("*.md"))],
    ids=lambda path: path.name,
)
def test_every_code_block_is_run_by_a_test(path: Path) -> None:
    """Given a page / I expect only code blocks of the table, and the tests that it names."""
    name = str(path.relative_to(ROOT))
    fences = re.findall(r"^```(\w*)$", page(name), re.MULTILINE)

    assert set(fences[::2]) == set(RUN_BY.get(name, {}))
    for where in RUN_BY.get(name, {}).values():
        for file in re.findall(r"tests/[\w/]+\.py", where):
            assert (ROOT / file).exists()
