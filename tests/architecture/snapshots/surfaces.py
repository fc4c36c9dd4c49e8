"""The public surface as texts, one for each committed file."""

import json
import re
import runpy
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import click

from tests.architecture.snapshots import product
from tests.architecture.snapshots.recording import recorded
from tests.architecture.tree import sources

PROCESSES = (
    "loresmith.api",
    "loresmith.worker",
    "loresmith.lore_service",
    "loresmith.offline_model",
)
VARIABLE = re.compile(r"\b(?:LORESMITH|LORE)_[A-Z0-9_]+\b")
WIDTH = 100
PROSE = {"description", "summary", "title", "example", "examples"}
"""Members of OpenAPI that bind nobody."""


def openapi() -> str:
    """The OpenAPI document without its prose."""
    with TemporaryDirectory() as folder, product.system(Path(folder)) as system:
        return _json(_without_prose(system.http("GET", "/openapi.json"))) + "\n"


def _without_prose(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_prose(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_prose(each)
        for name, each in value.items()
        if name not in PROSE or not isinstance(each, str | list)
    }


def command_line() -> str:
    """The help text of every command, then those of the processes."""
    texts = [*_commands(product.command_line(), "loresmith", None), *map(_process, PROCESSES)]
    return "\n".join(texts)


def _commands(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(
        command, parent, name, terminal_width=WIDTH, help_option_names=["-h", "--help"]
    )
    yield f"$ {context.command_path} --help\n{command.get_help(context)}\n"
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            matches = command.get_command(context, each)
            assert matches is not None
            yield from _commands(matches, each, context)


def _process(module: str) -> str:
    shown = StringIO()
    with (
        patch.object(sys, "argv", [module, "--help"]),
        patch.dict("os.environ", {"COLUMNS": str(WIDTH + 2)}),
        patch("loresmith.jobs.core.logs.configure_logging"),
        redirect_stdout(shown),
        suppress(SystemExit),
    ):
        sys.modules.pop(f"{module}.__main__", None)
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    return f"$ python -m {module} --help\n{shown.getvalue().rstrip()}\n"


def environment() -> str:
    """Each environment variable with its default, then those that only the source names."""
    settings = product.settings()
    lines = [f"{name}={default}" for name, default in sorted(settings.items())]
    named = {name for path in sources() for name in VARIABLE.findall(path.read_text("utf-8"))}
    return "\n".join([*lines, "", *sorted(named - set(settings)), ""])


def errors() -> str:
    """Problem codes with status and title; job error codes and whether a retry may help."""
    problems = [
        f"{status} {code:<28} {title}"
        for code, (status, title) in sorted(product.problem_codes().items())
    ]
    jobs = [
        f"{code:<32} {'retryable' if retryable else 'not retryable'}"
        for code, retryable in sorted(product.error_codes().items())
    ]
    return "\n".join(["Problems", *problems, "", "Job errors", *jobs, ""])


EXPENSIVE = {
    "type": "generate_characters",
    "payload": {"theme": "fantasy", "count": 3},
    "options": {"model": product.MODEL},
}


def problems() -> str:
    """The body of each problem; those about costs as the server answers an expensive job."""
    bodies = product.problems()
    refusals: dict[str, dict[str, Any]] = {
        "cost-confirmation-required": {"confirm_cost_above": 0.012},
        "cost-cap-exceeded": {"max_job_cost": 0.012},
        "budget-exceeded": {},
    }
    for code, settings in refusals.items():
        with TemporaryDirectory() as folder, product.system(Path(folder), **settings) as system:
            if not settings:
                system.http("PUT", "/budgets/global/all", {"limit": 0.001, "window": "total"})
            bodies[code] = system.problem("POST", "/jobs", EXPENSIVE) | {"request_id": "r"}
            assert bodies[code]["code"] == code
    return _json(bodies) + "\n"


def redis() -> str:
    """Every key that the processes write: type, lifetime, and the names in it."""
    return recorded().redis_text()


def events() -> str:
    """Each type of server-sent event with an example of each of its fields."""
    return _json(recorded().events()) + "\n"


def _json(value: Any, indent: str = "") -> str:
    """Sorted JSON; what fits into a line stands in one."""
    line = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if len(indent) + len(line) <= WIDTH or not isinstance(value, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(value, list):
        parts, ends = [_json(each, deeper) for each in value], "[]"
    else:
        parts = [f"{json.dumps(name)}: {_json(value[name], deeper)}" for name in sorted(value)]
        ends = "{}"
    return f"{ends[0]}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{ends[1]}"


SURFACES: dict[str, Callable[[], str]] = {
    "openapi.json": openapi,
    "command_line.txt": command_line,
    "environment.txt": environment,
    "errors.txt": errors,
    "problems.json": problems,
    "redis.txt": redis,
    "events.json": events,
}
"""File name → what makes its text."""
FOLDER = Path(__file__).parent
