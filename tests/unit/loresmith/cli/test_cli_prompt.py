"""The command `prompt`: its payload, the answer on standard output, and live text."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from loresmith.cli import main
from loresmith.cli.prompt.live_text import STARTS_AGAIN, LiveText
from loresmith.client.models import Job
from loresmith.client.retry import Trouble
from tests.unit.loresmith.cli.mock_server import MockServer, run
from tests.unit.loresmith.client.network import job

SCHEMA = {"type": "object", "properties": {"towns": {"type": "array"}}}


def answer(text: str | None = "Rain.\n\n  Rain.", **fields: Any) -> dict[str, Any]:
    return {"text": text, "output": None, "finish_reason": "stop", "tool_calls": [], **fields}


def ended(result: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return job("completed", 3, id="j1", type="prompt", progress=100, result=result, **fields)


def ask(server: MockServer, *words: str, result: Any = None, stdin: str = "") -> Result:
    """Runs `prompt` against a server whose job ends at once."""
    server.on("POST /jobs", (202, job("pending", type="prompt")))
    server.on("GET /jobs/j1", (200, ended(answer() if result is None else result)))
    return CliRunner().invoke(main, ["prompt", *words], input=stdin, prog_name="loresmith")


def payload(server: MockServer) -> Any:
    (body,) = server.bodies("POST")
    assert body["type"] == "prompt"
    return body["payload"]


def test_a_pipe_gets_the_text_alone(server: MockServer) -> None:
    result = ask(server, "Write about rain.")

    assert (result.exit_code, result.stdout) == (0, "Rain.\n\n  Rain.\n")
    assert payload(server) == {"prompt": "Write about rain."}
    assert "loresmith result j1" in result.stderr
    assert "Key:" not in result.stderr


def test_the_answer_of_a_schema_is_json(server: MockServer, tmp_path: Path) -> None:
    """Given a schema in a file, or on the command line / I expect the JSON alone."""
    file = tmp_path / "towns.json"
    file.write_text(json.dumps(SCHEMA))
    reply = answer(None, output={"towns": ["Ødegård"]})

    for word in (str(file), json.dumps(SCHEMA)):
        server.requests.clear()
        result = ask(server, "Name a town.", "--schema", word, result=reply)
        assert json.loads(result.stdout) == {"towns": ["Ødegård"]}
        assert "Ødegård" in result.stdout
        assert payload(server) == {"prompt": "Name a town.", "output_schema": SCHEMA}


def test_all_options_reach_the_payload(server: MockServer, tmp_path: Path) -> None:
    scene = tmp_path / "scene.txt"
    scene.write_text("A harbour.")
    words = ["--system", "Be brief.", "--var", f"scene=@{scene}", "--var", "who=a = b"]
    words += ["--max-output-tokens", "50", "--temperature", "0.5", "--param", "seed=7"]
    words += ["--param", "reasoning_effort=low", "--param", 'stop=["x"]', "--model", "m"]

    ask(server, "{{scene}} {{who}}", *words, "--tag", "draft", "--max-cost", "0.5")

    (body,) = server.bodies("POST")
    assert body["payload"] == {
        "prompt": "{{scene}} {{who}}",
        "system": "Be brief.",
        "variables": {"scene": "A harbour.", "who": "a = b"},
        "max_output_tokens": 50,
        "temperature": 0.5,
        "parameters": {"seed": 7, "reasoning_effort": "low", "stop": ["x"]},
    }
    assert body["tags"] == ["draft"]
    assert body["options"] == {"model": "m", "max_cost": 0.5}


def test_images_become_parts_of_a_message(server: MockServer, tmp_path: Path) -> None:
    image = tmp_path / "map.png"
    image.write_bytes(b"\x89PNG")
    url = "https://example.org/map.png"

    ask(server, "What is it?", "--system", "Look.", "--image", str(image), "--image", url)

    data = f"data:image/png;base64,{base64.b64encode(image.read_bytes()).decode()}"
    parts = [{"type": "text", "text": "What is it?"}]
    parts += [{"type": "image_url", "image_url": {"url": each}} for each in (data, url)]  # type: ignore[dict-item]
    assert payload(server) == {
        "messages": [{"role": "system", "content": "Look."}, {"role": "user", "content": parts}]
    }


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["-"], "from stdin"),
        (["--file", "-"], "from stdin"),
        (["Review this:", "--file", "-"], "Review this:\n\nfrom stdin"),
    ],
)
def test_the_text_comes_from_standard_input(
    server: MockServer, words: list[str], text: str
) -> None:
    ask(server, *words, stdin="from stdin\n")

    assert payload(server) == {"prompt": text}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Give the text of the prompt"),
        (["  "], "Give the text of the prompt"),
        (["--file", "/no/such"], "--file: cannot read /no/such"),
        (["a", "--schema", "/no/such"], "--schema: cannot read /no/such"),
        (["a", "--schema", "{"], "--schema: invalid JSON"),
        (["a", "--var", "x"], "--var: 'x' has no value; write name=value"),
        (["a", "--param", "tools=[{]"], "--param tools: invalid JSON"),
        (["a", "--image", "notes.txt"], "--image: notes.txt has no ending of an image"),
        (["a", "--image", "/no/map.png"], "--image: cannot read /no/map.png"),
    ],
)
def test_an_invalid_argument_is_named(server: MockServer, words: list[str], message: str) -> None:
    result = ask(server, *words)

    assert result.exit_code == 2
    assert message in result.stderr
    assert not server.bodies("POST")


def test_an_error_of_the_server_names_the_field(server: MockServer) -> None:
    errors = [{"pointer": "/payload/output_schema", "detail": "is no JSON Schema"}]
    problem = {"code": "validation-error", "status": 400, "detail": "x", "errors": errors}
    server.on("POST /jobs", (400, problem))

    result = run("prompt", "a", "--schema", "{}")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "output_schema: is no JSON Schema" in result.stderr


def test_a_cut_answer_says_so(server: MockServer) -> None:
    server.on("POST /jobs", (202, job("pending")))
    cut = ended(answer("Rai", finish_reason="length"), usage={"output_tokens": 12, "calls": 1})
    server.on("GET /jobs/j1", (200, cut))

    result = run("prompt", "Rain")

    assert result.stdout == "Rai\n"
    assert "The answer was cut at 12 tokens. Allow more with --max-output-tokens." in result.stderr


def test_tool_calls_are_json(server: MockServer) -> None:
    calls = [{"id": "c1", "name": "weather", "arguments": "{}"}]

    result = ask(server, "Rain?", result=answer("", finish_reason="tool_calls", tool_calls=calls))

    assert json.loads(result.stdout) == calls


def test_a_failed_prompt_has_the_exit_code_of_a_failed_job(server: MockServer) -> None:
    server.on("POST /jobs", (202, job("pending")))
    server.on("GET /jobs/j1", (200, job("failed", 3, error="No answer fits the schema.")))

    result = run("prompt", "Rain")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "No answer fits the schema." in result.stderr


def test_a_detached_prompt_prints_the_id(server: MockServer) -> None:
    result = ask(server, "Rain", "--detach")

    assert (result.exit_code, result.stdout) == (0, "j1\n")
    assert "Key: " in result.stderr


def test_json_prints_the_job(server: MockServer) -> None:
    result = ask(server, "Rain", "--json")

    assert json.loads(result.stdout)["result"] == answer()


def test_result_prints_the_text_of_a_prompt(server: MockServer) -> None:
    server.on("GET /jobs/j1/result", (200, answer("Rain.")))

    assert run("result", "j1").stdout == "Rain.\n"


class Screen:
    """Live text whose output a test reads."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.notes = io.StringIO()
        self.text = LiveText(self.out, Console(file=self.notes, width=80))
        self.text.__enter__()

    def update(self, text: str, **fields: Any) -> None:
        partial = {"step": "generate", "text": text, "items": []}
        self.text.update(Job.from_json(job(partial_result=partial, **fields)))


def test_text_is_written_once_as_it_comes() -> None:
    screen = Screen()
    for text in ("", "It ra", "It rains", "It rains"):
        screen.update(text)

    assert screen.out.getvalue() == "It rains"
    screen.text.end("It rains.")
    assert screen.out.getvalue() == "It rains.\n"


def test_another_text_of_another_attempt_follows_below() -> None:
    """Given text on the screen / when another attempt writes other text / I expect a remark, and
    that text as a whole.
    """
    screen = Screen()
    for text in ("It ra", "", "Water", "Water falls"):
        screen.update(text)

    assert screen.out.getvalue() == "It raWater falls"
    assert STARTS_AGAIN in screen.notes.getvalue()


def test_text_cannot_move_the_cursor() -> None:
    screen = Screen()
    screen.update("a\x1b[2Jb")
    screen.text.end("a\x1b[2Jb\u202ec\n")

    assert screen.out.getvalue() == "a[2Jbc\n"


def test_an_outage_while_text_comes_is_one_remark() -> None:
    screen = Screen()
    screen.update("It ra")
    for seconds in (1, 2):
        screen.text.trouble(Trouble("refused", seconds, 1))
    screen.text.trouble(None)
    screen.update("It rains")

    assert screen.notes.getvalue().count("No response") == 1
    assert screen.out.getvalue() == "It rains"
