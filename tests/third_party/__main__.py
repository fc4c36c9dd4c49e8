"""Checks third-party servers, runs two jobs on each, and prints the tables of docs/providers.md.

    python -m tests.third_party [--folder .third-party] [SERVER ...]

Exits with 1 when a job fails on a server that honours a schema mode.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.stack import ROOT, Stack, request
from tests.third_party.servers import ENVIRONMENT, SERVERS, Server, running
from tests.waiting import wait_until

CALL_TIMEOUT_S = 900
"""A model on one shared processor writes a few tokens a second."""
HAIKU_SCHEMA = {
    "type": "object",
    "properties": {
        "lines": {"type": "array", "items": {"type": "string", "maxLength": 60}, "maxItems": 3}
    },
    "required": ["lines"],
    "additionalProperties": False,
}
JOBS: Mapping[str, dict[str, Any]] = {
    "generate_characters": {"theme": "a drowned harbour town", "count": 1},
    "prompt": {
        "prompt": "Write a haiku about rain, as JSON.",
        "output_schema": HAIKU_SCHEMA,
        "max_output_tokens": 400,
    },
}
ENDED = ("completed", "failed", "cancelled")


@dataclass
class Result:
    """What came of one server."""

    report: dict[str, Any]
    jobs: dict[str, str] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Whether all jobs completed."""
        return all(text.startswith("completed") for text in self.jobs.values())


def main() -> int:
    options = arguments()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    results: dict[str, Result] = {}
    for name in options.servers or SERVERS:
        with running(name, folder) as server:
            print(f"{name}: {server.model} at {server.url}", file=sys.stderr, flush=True)
            results[name] = check(server)
        print(json.dumps(results[name].jobs), file=sys.stderr, flush=True)
    print("\n".join(table(results)))
    return 0 if all(each.is_good for each in results.values()) else 1


def check(server: Server) -> Result:
    """Runs the doctor and the jobs."""
    result = Result(doctor(server))
    with TemporaryDirectory(prefix="compat-") as folder:
        system = Stack(Path(folder), env=environment(server))
        try:
            system.start()
            for type_, payload in JOBS.items():
                result.jobs[type_] = run_job(system, type_, payload)
        finally:
            system.stop()
    return result


def doctor(server: Server) -> dict[str, Any]:
    """Returns the report of `loresmith doctor`; without checks where it could make none."""
    command = [sys.executable, "-P", "-m", "loresmith", "doctor", "--yes", "--json"]
    command += ["--base-url", server.url, "--model", server.model]
    command += ["--key-env", "COMPAT_KEY"] if server.key else []
    env = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    env |= {"PYTHONPATH": str(ROOT), "COMPAT_KEY": server.key} | timeouts()
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout or '{"checks": {}}')
    return report


def run_job(system: Stack, type_: str, payload: dict[str, Any]) -> str:
    """Runs a job; returns how it ended, in words."""
    began = time.monotonic()
    body = {"type": type_, "payload": payload, "options": {"timeout_s": CALL_TIMEOUT_S}}
    status, job = request("POST", f"{system.url}/jobs", body)
    if status != 202:
        return f"refused: {job}"

    def ended() -> dict[str, Any] | None:
        record: dict[str, Any] = system.get(f"/jobs/{job['id']}")[1] or {}
        return record if record.get("status") in ENDED else None

    record = wait_until(ended, f"{type_} ends", timeout=2 * CALL_TIMEOUT_S, every=0.5)
    if record["status"] != "completed":
        return f"{record['status']}: {record.get('error')}"
    calls: Sequence[Mapping[str, Any]] = system.get(f"/jobs/{job['id']}/calls")[1]["calls"]
    modes = " then ".join(str(call["schema_mode"]) for call in calls)
    return f"completed in {time.monotonic() - began:.0f} s by {modes}"


def environment(server: Server) -> dict[str, str]:
    return {
        "OPENAI_BASE_URL": server.url,
        "OPENAI_API_KEY": server.key or "none",
        "LORESMITH_MODEL": server.model,
        **timeouts(),
    }


def timeouts() -> dict[str, str]:
    names = ("CALL_TIMEOUT_S", "READ_TIMEOUT_S", "LORE_SERVICE_GRACE_S")
    return {f"LORESMITH_{name}": str(CALL_TIMEOUT_S) for name in names}


def table(results: Mapping[str, Result]) -> list[str]:
    """Returns a table in Markdown, a column for each server."""
    checks = list(
        dict.fromkeys(name for each in results.values() for name in each.report["checks"])
    )
    lines = [f"| check | {' | '.join(results)} |", f"|{'---|' * (len(results) + 1)}"]
    for name in checks:
        outcomes = [
            each.report["checks"].get(name, {}).get("outcome", "") for each in results.values()
        ]
        lines.append(f"| {name} | {' | '.join(outcomes)} |")
    for type_ in JOBS:
        ends = [each.jobs.get(type_, "").replace("|", "/") for each in results.values()]
        lines.append(f"| job `{type_}` | {' | '.join(ends)} |")
    return lines


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.third_party", description=__doc__)
    parser.add_argument("servers", nargs="*", metavar="SERVER", help=", ".join(SERVERS))
    parser.add_argument(
        "--folder", type=Path, default=Path(".third-party"), help="for installed servers"
    )
    options = parser.parse_args()
    if unknown := sorted({*options.servers} - {*SERVERS}):
        parser.error(f"unknown: {', '.join(unknown)}; the servers are: {', '.join(SERVERS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
