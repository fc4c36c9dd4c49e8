"""A mock server behind the command line, and functions that run commands against it."""

import json
from typing import Any

import httpx2
from click.testing import CliRunner, Result

from loresmith.cli import main
from loresmith.jobs.types.registry import JOB_TYPES
from tests.unit.loresmith.client.network import job

RELIC = [{"name": "The Bell", "price": "Each use costs a brother."}]
COMPLETED = job("completed", 3, id="j1", progress=100, result=RELIC, message="Done")
PLAN = {
    "allowed": True,
    "cached_steps": [],
    "kept_items": [],
    "steps_to_run": ["generate"],
    "cost": {"expected": 0.02, "max": 0.05},
}


class MockServer:
    """Each route responds with its next (status, body), and with the last one for ever."""

    def __init__(self) -> None:
        self.responses: dict[str, list[tuple[int, Any]]] = {
            "GET /job-types": [(200, {"job_types": [job_type(name) for name in JOB_TYPES]})]
        }
        self.requests: list[httpx2.Request] = []

    def on(self, route: str, *responses: tuple[int, Any]) -> None:
        self.responses[route] = list(responses)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        route = f"{request.method} {request.url.path}"
        with_query = f"{route}?{request.url.query.decode()}"
        responses = self.responses.get(with_query, self.responses.get(route))
        if responses is None:
            raise httpx2.ConnectError("connection refused")
        status, body = responses.pop(0) if len(responses) > 1 else responses[0]
        return httpx2.Response(status, json=body)

    def bodies(self, method: str) -> list[Any]:
        """Returns the bodies of all requests of a method."""
        return [json.loads(each.content) for each in self.requests if each.method == method]


def job_type(name: str) -> dict[str, Any]:
    """Returns the JSON of a shipped job type."""
    kind = JOB_TYPES[name]
    return {
        "type": name, "title": kind.title, "description": kind.description,
        "expected_s": kind.expected_s, "timeout_s": kind.timeout_s, "example": kind.example,
        "payload_schema": kind.payload.model_json_schema(), "result_schema": {},
    }  # fmt: skip


def run(*words: str) -> Result:
    """Runs a command."""
    return CliRunner().invoke(main, words, prog_name="loresmith")


def submit(*words: str) -> Result:
    """Runs `submit` of a relic with more words."""
    return run("submit", "generate_relics", "theme=salt", *words)
