"""The offline model as a process of its own, and what tests ask of it."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from openai import AsyncOpenAI

from tests.stack import ROOT

PEOPLE = {
    "type": "object",
    "properties": {
        "characters": {
            "type": "array",
            "minItems": 3,
            "maxItems": 3,
            "items": {"$ref": "#/$defs/Character"},
        }
    },
    "required": ["characters"],
    "additionalProperties": False,
    "$defs": {
        "Character": {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("name", "role", "description")},
            "required": ["name", "role", "description"],
            "additionalProperties": False,
        }
    },
}
MESSAGES: list[Any] = [
    {"role": "system", "content": "Write lore."},
    {"role": "user", "content": '```json\n{"theme": "clockwork desert", "count": 3}\n```'},
]
SHAPE = {"name": "people", "strict": True, "schema": PEOPLE}
CHAT: dict[str, Any] = {
    "model": "offline-lore-1",
    "messages": MESSAGES,
    "response_format": {"type": "json_schema", "json_schema": SHAPE},
}
RESPONSE: dict[str, Any] = {
    "model": "offline-lore-1",
    "input": MESSAGES,
    "text": {"format": {"type": "json_schema", **SHAPE}},
}


@dataclass
class Offline:
    """A running offline model."""

    url: str
    process: subprocess.Popen[str]

    def client(self, timeout: float = 10) -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=f"{self.url}/v1", api_key="none", max_retries=0, timeout=timeout
        )

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON, or the text, of one request."""
        data = None if body is None else json.dumps(body).encode()
        sent = urllib.request.Request(self.url + path, data, method=method)
        with urllib.request.urlopen(sent, timeout=10) as answer:
            text = answer.read().decode()
        return json.loads(text) if answer.headers["content-type"].endswith("json") else text

    def call(self, call_id: str) -> dict[str, Any]:
        """What was billed for a call."""
        return dict(self.ask("GET", f"/counters?call_id={call_id}"))


@contextmanager
def offline(*options: str, **env: str) -> Iterator[Offline]:
    """The offline model for the length of a with block, on a free port."""
    command = [sys.executable, "-m", "lore_service.offline", *options]
    told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=told) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield Offline(line.split()[-1].removesuffix("/v1"), process)
        finally:
            process.terminate()
            process.wait(10)
