"""Starts the offline model as a process and sends requests to it."""

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
JSON_SCHEMA = {"name": "people", "strict": True, "schema": PEOPLE}
CHAT: dict[str, Any] = {
    "model": "offline-lore-1",
    "messages": MESSAGES,
    "response_format": {"type": "json_schema", "json_schema": JSON_SCHEMA},
}
RESPONSE: dict[str, Any] = {
    "model": "offline-lore-1",
    "input": MESSAGES,
    "text": {"format": {"type": "json_schema", **JSON_SCHEMA}},
}


def headers(
    *, seconds: float | None = None, fault: str | None = None, call_id: str | None = None
) -> dict[str, str]:
    """Returns the headers that control one answer."""
    values = {"X-Offline-Seconds": seconds, "X-Offline-Fault": fault, "X-Call-Id": call_id}
    return {name: str(value) for name, value in values.items() if value is not None}


@dataclass
class OfflineModel:
    """A running offline model."""

    url: str
    process: subprocess.Popen[str]

    def client(self, timeout: float = 10) -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=f"{self.url}/v1", api_key="none", max_retries=0, timeout=timeout
        )

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Returns the JSON or the text of the response."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read().decode()
        return json.loads(text) if response.headers["content-type"].endswith("json") else text

    def call(self, call_id: str) -> dict[str, Any]:
        """Returns the bill of a call."""
        return dict(self.request("GET", f"/counters?call_id={call_id}"))


@contextmanager
def offline_model(*options: str, **env: str) -> Iterator[OfflineModel]:
    """Runs the offline model on a free port within a with block."""
    command = [sys.executable, "-m", "loresmith.offline_model", *options]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield OfflineModel(line.split()[-1].removesuffix("/v1"), process)
        finally:
            process.terminate()
            process.wait(10)
