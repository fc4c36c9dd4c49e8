"""Keys are spelled in jobs/keys.py, and in Lua; nowhere else."""

import ast
import re
from collections.abc import Iterator

import pytest

from jobs import keys
from tests.architecture.tree import ROOT, sources
from tests.store.leaks import info_of

HOME = ROOT / "jobs" / "keys.py"
STARTS = "(job|call|idem|durations|lengths|budget|spend|answer)"
SPELLED = re.compile(rf"{STARTS}:(?! |$)|{STARTS}:$|calls:due$")
INDEXES = {keys.DUE, keys.CALLS_DUE, keys.UPDATES, keys.WORKERS, keys.ALL, keys.ENDED, keys.INDEXED}
INDEXES |= {keys.COST, keys.LASTED, keys.ANSWERS}
INDEXES |= {keys.BUDGETS, keys.RESERVED, keys.OUTBOX}

MADE = {
    keys.job("7"): "hash",
    keys.updates("7"): "stream",
    keys.steps("7"): "hash",
    keys.calls("7"): "set",
    keys.call("7/outline/0"): "hash",
    keys.idempotency("u", "cafe"): "string",
    keys.durations("generate_lore", "gpt-9"): "list",
    keys.lengths("generate_lore", "gpt-9"): "list",
    keys.answer("cafe"): "hash",
    keys.ANSWERS: "zset",
    keys.DUE: "zset",
    keys.CALLS_DUE: "zset",
    keys.UPDATES: "stream",
    keys.WORKERS: "zset",
    keys.ALL: "zset",
    keys.ENDED: "zset",
    keys.COST: "zset",
    keys.LASTED: "zset",
    keys.INDEXED: "hash",
    keys.budget(keys.budget_name("team", "a/b: c")): "hash",
    keys.spend(keys.budget_name("team", "a/b: c"), "2026-11"): "hash",
    keys.BUDGETS: "set",
    keys.RESERVED: "hash",
    keys.OUTBOX: "stream",
    keys.by("session_id", "a/b: c"): "zset",
}


@pytest.mark.parametrize("key", MADE)
def test_the_catalogue_knows_every_key(key: str) -> None:
    info = info_of(key)

    assert info is not None
    assert info.type == MADE[key]


def test_the_catalogue_knows_no_other() -> None:
    assert {info_of(key) for key in MADE} == set(keys.CATALOGUE)


def test_no_module_spells_a_key() -> None:
    """Given every text in our packages
    / I expect none to begin like a key: `jobs.keys` makes them.
    """
    spelled = [
        f"{path.relative_to(ROOT)}:{line}: {text!r}"
        for path in sources()
        if path != HOME
        for line, text in spellings(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert spelled == []


def spellings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Texts that begin like a key of ours; names of indexes where a client is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from _texts(node.values[:1], SPELLED.match)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _texts(node.args[:1], INDEXES.__contains__)
        elif isinstance(node, ast.BinOp | ast.Assign | ast.Call):
            yield from _texts(list(ast.iter_child_nodes(node)), SPELLED.match)


def _texts(nodes: list[ast.AST] | list[ast.expr], wrong: object) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and wrong(node.value):  # type: ignore[operator]
            yield node.lineno, node.value


@pytest.mark.parametrize(
    "code",
    [
        'f"job:{id}"',
        'x = "job:" + id',
        'r.zadd("due", {})',
        'r.hget(f"call:{id}", "a")',
        'f("idem:a")',
    ],
)
def test_a_spelled_key_is_found(code: str) -> None:
    assert list(spellings(ast.parse(code)))


@pytest.mark.parametrize("code", ['log.info("job: %s")', 'f"job {id}"', '"""job: a thing."""'])
def test_a_sentence_is_no_key(code: str) -> None:
    assert not list(spellings(ast.parse(code)))
