"""Keys are spelled in jobs/store/keys.py, and in Lua; nowhere else."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from loresmith.jobs.core.job_record import budget_name
from loresmith.jobs.store import keys
from loresmith.jobs.store.key_catalogue import CATALOGUE
from tests.architecture.tree import ROOT, sources, text_of
from tests.store.leaks import info_of

HOMES = [ROOT / "jobs" / "store" / name for name in ("keys.py", "key_catalogue.py")]
STARTS = (
    "(job|job-token|job-types|sdk-retries|key|sessions?|pool|pool-calls|pool-tokens|owner-limits|call|idem|durations|token-usage|budget"
    "|spend|response-cache)"
)
SPELLED = re.compile(rf"{STARTS}:(?! |$)|{STARTS}:$|calls:deadlines$")
INDEXES = {info.pattern for info in CATALOGUE if "{" not in info.pattern}
MAY_SPELL = re.compile(rf"['\"](?:{STARTS}:|calls:|{'|'.join(map(re.escape, INDEXES))})")
"""What a file must contain to spell a key: most files need no parsing."""

KEY_TYPES = {
    keys.job("7"): "hash",
    keys.updates("7"): "stream",
    keys.steps("7"): "hash",
    keys.calls("7"): "set",
    keys.shared("7"): "set",
    keys.call("7/outline/0"): "hash",
    keys.idempotency("u", "cafe"): "string",
    keys.sdk_retries("cafe"): "zset",
    keys.sdk_retry_job("cafe"): "string",
    keys.durations("generate_lore", "gpt-9"): "list",
    keys.token_usage("generate_lore", "gpt-9"): "list",
    keys.api_key("0aZ9"): "hash",
    keys.request_count("0aZ9", 29_000_000): "string",
    keys.session("cafe"): "string",
    keys.sessions_of("key:a1B2c3D4"): "zset",
    keys.job_token("cafe"): "string",
    keys.API_KEYS: "zset",
    keys.API_KEY_CHANGES: "stream",
    keys.response("u", None, "cafe"): "hash",
    keys.CACHED_RESPONSES: "zset",
    keys.DEADLINES: "zset",
    keys.CALL_DEADLINES: "zset",
    keys.UPDATES: "stream",
    keys.WORKERS: "zset",
    keys.WORKER_SLOTS: "hash",
    keys.PAUSED: "hash",
    keys.gate("lore"): "hash",
    f"{keys.gate('lore')}:lanes": "zset",
    f"{keys.gate('lore')}:closed": "zset",
    f"{keys.gate('lore')}:lane:lore|openai/gpt-9": "zset",
    f"{keys.gate('lore')}:jobs:lore|openai/gpt-9\nuser:u": "zset",
    f"{keys.gate('lore')}:tags": "zset",
    f"{keys.gate('lore')}:admitted": "zset",
    f"{keys.gate('lore')}:parked": "set",
    f"{keys.gate('lore')}:parked:user:u": "set",
    keys.running("user:u"): "set",
    keys.owner_limits("team:t"): "hash",
    keys.PARTS: "zset",
    keys.job_types("cafe"): "string",
    keys.POOLS: "set",
    keys.pool("openai/gpt-9:mini"): "hash",
    keys.pool_calls("openai/gpt-9:mini"): "zset",
    keys.pool_tokens("openai/gpt-9:mini"): "hash",
    keys.WORKER_JOBS: "hash",
    keys.LIMITED_OWNERS: "set",
    keys.owner_limits("team:a/b: c"): "hash",
    keys.EPOCH: "string",
    keys.first_epoch("cafe"): "string",
    keys.ALL: "zset",
    keys.ENDED: "zset",
    keys.EXPIRY: "zset",
    keys.CONTENT: "zset",
    keys.COST: "zset",
    keys.DURATION: "zset",
    keys.INDEXED: "hash",
    keys.budget(budget_name("team", "a/b: c")): "hash",
    keys.spend(budget_name("team", "a/b: c"), "2026-11"): "hash",
    keys.BUDGETS: "set",
    keys.RESERVATIONS: "hash",
    keys.OUTBOX: "stream",
    keys.AUDIT_OUTBOX: "stream",
    keys.ARCHIVE: "string",
    keys.by("session_id", "a/b: c"): "zset",
}


@pytest.mark.parametrize("key", KEY_TYPES)
def test_the_catalogue_knows_every_key(key: str) -> None:
    info = info_of(key)

    assert info is not None
    assert info.type == KEY_TYPES[key]


def test_the_catalogue_has_no_other_key() -> None:
    assert {info_of(key) for key in KEY_TYPES} == set(CATALOGUE)


def test_no_module_spells_a_key() -> None:
    """Given every text in our packages
    / I expect none to begin like a key: `jobs.store.keys` makes them.
    """
    spelled = [
        f"{path.relative_to(ROOT)}:{line}: {text!r}"
        for path in sources()
        if path not in HOMES and MAY_SPELL.search(text_of(path))
        for line, text in spellings(ast.parse(text_of(path)))
    ]

    assert spelled == []


def spellings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yields strings that begin like a key, and index names in calls of a client."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from _texts(node.values[:1], SPELLED.match)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _texts(node.args[:1], INDEXES.__contains__)
        elif isinstance(node, ast.BinOp | ast.Assign | ast.Call):
            yield from _texts(list(ast.iter_child_nodes(node)), SPELLED.match)


def _texts(
    nodes: list[ast.AST] | list[ast.expr], matches: Callable[[str], object]
) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and matches(node.value):
            yield node.lineno, node.value


@pytest.mark.parametrize(
    "code",
    [
        'f"job:{id}"',
        'x = "job:" + id',
        'r.zadd("jobs:deadlines", {})',
        'r.hget(f"call:{id}", "a")',
        'f("idem:a")',
    ],
)
def test_a_spelled_key_is_found(code: str) -> None:
    assert list(spellings(ast.parse(code)))


@pytest.mark.parametrize("code", ['log.info("job: %s")', 'f"job {id}"', '"""job: a thing."""'])
def test_a_sentence_is_not_a_key(code: str) -> None:
    assert not list(spellings(ast.parse(code)))
