"""Log calls are constant texts with listed fields, so that no content can be logged."""

import ast
import re
from collections.abc import Iterator
from functools import cache

from loresmith.jobs.core.logs.fields import FIELDS
from tests.architecture.tree import ROOT, committed, text_of

LEVELS = ("debug", "info", "warning", "error", "exception", "bug", "log")
OWN_TEXTS = {
    "jobs/store/primary.py",
    "lore_service/server.py",
    "lore_service/providers/background_responses.py",
    "worker/adapters/server_check.py",
    "worker/rq_task.py",
    "worker/rq_worker.py",
}
"""Modules that log texts made of constants, settings and numbers."""
OUTSIDE = (
    "jobs/core/logs/",
    "jobs/core/outage_log.py",
    "offline_model/",
    "tests/",
    "chaos/",
    "bench/",
)
"""The logger itself, texts made once from a constant, and what holds no content of users."""


@cache
def nodes() -> list[tuple[str, ast.Call | ast.Attribute]]:
    """Lists the calls and attributes of our code, with their files."""
    matches = []
    for path in committed():
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py" and not name.startswith(OUTSIDE):
            tree = ast.walk(ast.parse(text_of(path)))
            matches += [(name, node) for node in tree if isinstance(node, ast.Call | ast.Attribute)]
    return matches


def log_calls() -> Iterator[tuple[str, ast.Call]]:
    for name, node in nodes():
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)):
                if level in LEVELS:
                    yield f"{name}:{node.lineno}", node


def test_messages_are_constants() -> None:
    calls = list(log_calls())
    wrong = []
    for place, call in calls:
        level = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        texts = call.args[1:] if level == "log" else call.args[:1]
        extra = call.args[2:] if level in ("log", "bug") else call.args[1:]
        constant = len(texts) == 1 and isinstance(texts[0], ast.Constant)
        if not constant or extra:
            wrong.append(place)

    assert len(calls) > 50
    assert wrong == []


def test_fields_are_listed() -> None:
    used = {word.arg for _, call in log_calls() for word in call.keywords if word.arg}

    assert used - FIELDS == set()


def test_only_the_log_package_logs_otherwise() -> None:
    """Given our code / I expect no logger of Python's, and texts of our own in listed modules."""
    loggers, texts = [], set()
    for name, node in nodes():
        if isinstance(node, ast.Attribute) and node.attr == "getLogger":
            loggers.append(name)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "own_text":
                texts.add(name)
            if node.func.id == "SafeText":
                loggers.append(name)

    assert loggers == ["lore_service/providers/redaction.py"]
    assert texts == OWN_TEXTS


def test_every_field_is_in_the_page() -> None:
    page = (ROOT / "docs" / "logging.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))

    assert set(FIELDS) <= rows
