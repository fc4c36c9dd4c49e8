"""Starts the servers, each on a free port of this machine."""

import http.client
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.offline_process import offline_model
from tests.servers import free_port
from tests.third_party.install import node_modules, python_of
from tests.waiting import wait_until

HERE = Path(__file__).parent
START_TIMEOUT_S = 180
KEY = "sk-compat-0123456789"
"""Of our own LiteLLM; the others need none."""
ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR")
"""What a server gets of our environment: no key, no proxy."""
CHARACTER = {
    "name": "Orla Finch",
    "role": "harbour pilot",
    "species": "human",
    "age": 41,
    "description": "She reads the tides by ear. Captains wait for her.",
    "appearance": "A coat of oilskin, patched with sails.",
    "personality": ["patient", "stubborn"],
    "backstory": "She was raised on a lightship. It sank one night without a storm.",
    "motivation": "To find the bell of the lightship before the dredgers do.",
    "secret": "She put the light out.",
}
CHARACTERS = json.dumps({"characters": [CHARACTER]})
HAIKU = (
    '{"lines": ["rain on the old quay", "the harbour bell says nothing", "the tide answers it"]}'
)


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    model: str
    key: str = ""


@contextmanager
def running(name: str, folder: Path) -> Iterator[Server]:
    """Runs one of SERVERS for a with block."""
    with ExitStack() as stack:
        yield SERVERS[name](folder, stack)


def _llama(folder: Path, stack: ExitStack) -> Server:
    port = free_port()
    command = [python_of(folder, "llama"), HERE / "llama_server.py", port]
    _start("llama", command, folder, stack, port, "/v1/models")
    return Server(f"http://127.0.0.1:{port}/v1", "smollm2")


def _litellm_to_llama(folder: Path, stack: ExitStack) -> Server:
    behind = _llama(folder, stack)
    return _litellm(folder, stack, behind)


def _litellm_to_offline(folder: Path, stack: ExitStack) -> Server:
    model = stack.enter_context(offline_model("--seconds", "2"))
    return _litellm(folder, stack, Server(f"{model.url}/v1", "offline-lore-1"))


def _litellm(folder: Path, stack: ExitStack, behind: Server) -> Server:
    port, name = free_port(), "proxied"
    parameters = {"model": f"openai/{behind.model}", "api_base": behind.url, "api_key": "none"}
    config = {
        "model_list": [{"model_name": name, "litellm_params": parameters}],
        "general_settings": {"master_key": KEY},
        "litellm_settings": {"telemetry": False, "request_timeout": 600, "num_retries": 0},
    }
    path = folder / "litellm.yaml"
    path.write_text(json.dumps(config))
    python = python_of(folder, "litellm")
    program = "from litellm import run_server; run_server()"
    command = [python, "-c", program, "--config", path, "--host", "127.0.0.1", "--port", port]
    _start("litellm", command, folder, stack, port, "/health/liveliness")
    return Server(f"http://127.0.0.1:{port}/v1", name, KEY)


def _aimock(folder: Path, stack: ExitStack) -> Server:
    """Answers a canned character to prompts about one, and prose to all others."""
    port = free_port()
    answers = [("characters", CHARACTERS), ("haiku", HAIKU)]
    fixtures = [
        {"match": {"userMessage": word}, "response": {"content": text}} for word, text in answers
    ]
    fixtures.append({"match": {}, "response": {"content": "The sea is wide and patient."}})
    path = folder / "aimock.json"
    path.write_text(json.dumps({"fixtures": fixtures}))
    program = node_modules(folder) / ".bin" / "llmock"
    command = ["node", program, "--port", port, "--fixtures", path, "--log-level", "warn"]
    _start("aimock", command, folder, stack, port, "/v1/models")
    return Server(f"http://127.0.0.1:{port}/v1", "gpt-4o")


def _fakellm(folder: Path, stack: ExitStack) -> Server:
    """Answers canned texts, as JSON in one piece or word by word."""
    port = free_port()
    rules = [
        {"name": word, "when": {"messages_contain": word}, "respond": {"content": text}}
        for word, text in (("characters", CHARACTERS), ("haiku", HAIKU))
    ]
    path = folder / "fakellm.yaml"
    config = {"version": 1, "defaults": {"fallback": "deterministic_echo"}, "rules": rules}
    path.write_text(json.dumps(config))
    program = python_of(folder, "fakellm").parent / "fakellm"
    command = [program, "serve", "--host", "127.0.0.1", "--port", port, "--config", path]
    _start("fakellm", command, folder, stack, port, "/")
    return Server(f"http://127.0.0.1:{port}/v1", "gpt-4o")


SERVERS = {
    "llama.cpp": _llama,
    "LiteLLM → llama.cpp": _litellm_to_llama,
    "LiteLLM → offline model": _litellm_to_offline,
    "aimock": _aimock,
    "fakellm": _fakellm,
}


def _start(
    name: str, command: Sequence[object], folder: Path, stack: ExitStack, port: int, path: str
) -> None:
    """Starts a program until the stack is closed, and waits until it answers at a path."""
    env = {key: os.environ[key] for key in ENVIRONMENT if key in os.environ}
    env |= {"NO_PROXY": "*", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "DISABLE_ADMIN_UI": "True"}
    log = stack.enter_context((folder / f"{name}.log").open("wb"))
    process = subprocess.Popen([*map(str, command)], stdout=log, stderr=log, env=env, cwd=folder)
    stack.callback(_stop, process)

    def answers() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{name} has ended; see {folder / name}.log")
        return _status(port, path) in range(200, 500)

    wait_until(answers, f"{name} answers on port {port}", timeout=START_TIMEOUT_S)


def _status(port: int, path: str) -> int:
    """Returns the status of a GET; 0 without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
