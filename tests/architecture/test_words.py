"""Words that docs/glossary.md replaced by the field's standard terms stay out of the tree.

Replaced nouns and phrases are refused everywhere: code, comments, docs, page, command line.
Ordinary English verbs are refused as identifiers only: `told` says nothing about a value.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, committed, line_of, text_of

REPLACED = {
    r"doorbells?": "queue message",
    r"rings? for|rung|ringing": "enqueue",
    r"kept answers?|answers? (?:that (?:is|was|are) )?kept": "cached response",
    r"sweep(?:er|s|ing)?\b": "reconciler, reconcile",
    r"side thread|side_thread|sidethread": "heartbeat thread",
    r"habits?": "token usage model",
    r"housekeeping": "maintenance",
    r"patience|patiently": "timeout, retry",
    r"crew": "thread pool, supervisor",
    r"shelf": "archive",
    r"wants a yes|a yes\b": "confirmation",
    r"what is told|is to be told|as it were": "say it directly",
    r"by the end of (?:their|its) word|word of a worker|sign(?:ed|s)? off": "heartbeat, deregister",
    r"\bnews\b": "event",
    r"recipes?": "model call spec",
    r"the whole house|in the house": "process, system",
    r"may[-_]pay[-_]again": "duplicate-charge-possible",
    r"\bteeth\b": "mutation tests",
    r"at[_ ]most[_ ]once bought": "billed at most once",
    r"cures?": "remedy",
    r"(?-i:(?:LONGEST|LARGEST|MOST|SHORTEST|SMALLEST)_[A-Z_]+)": "MAX_…, MIN_…",
}
"""Pattern → the standard term; case does not matter."""
VAGUE_SUBJECTS = {r"nobody|whoever|somebody": "name the subject", r"anew": "again"}
"""Refused in the product and its docs; lore prompts may speak of nobody."""
VAGUE = {"told", "made", "wanted", "given", "found", "asked", "kept", "gone", "said", "seen_by"}
"""Names that say nothing about the value they hold."""
VAGUE_WORDS = re.compile(rf"\b({'|'.join(VAGUE)})\b\s*[=,:)]")
"""What a file must contain to bind such a name: most files need no parsing."""
DECLARED = re.compile(rf"\b(?:const|let|local)\b[^=\n]*?\b(?P<name>{'|'.join(VAGUE)})\b[^=\n]*=")
"""A declaration of such a name in JavaScript and Lua."""
TEXTS = {".py", ".lua", ".md", ".js", ".jsx", ".css", ".html", ".proto", ".toml", ".c", ""}
EXCEPT = {
    "tests/architecture/test_words.py",
    "CHANGELOG.md",
    "requirements.txt",
    "requirements-dev.txt",
}
FOLDERS_EXCEPT = ("api/static/vendor", "offline_model/writer/words", "tests/architecture/snapshots")

PROSE = ("tests/", "jobs/types/builtin/", "offline_model/writer/")
"""Where a sentence may have a vague subject."""


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(words)})(?![A-Za-z])", re.IGNORECASE)


EVERYWHERE = pattern(REPLACED)
IN_THE_PRODUCT = pattern([*REPLACED, *VAGUE_SUBJECTS])


def texts() -> Iterator[tuple[str, str]]:
    """Path and text of every file of ours that people read."""
    for path in committed():
        name = str(path.relative_to(ROOT))
        generated = "_pb2" in name or name.startswith(FOLDERS_EXCEPT) or ".min." in name
        if path.suffix in TEXTS and name not in EXCEPT and not generated:
            yield name, text_of(path)


def replaced_words(name: str, text: str) -> Iterator[str]:
    words = EVERYWHERE if name.startswith(PROSE) else IN_THE_PRODUCT
    for match in words.finditer(text):
        yield f"{name}:{line_of(text, match.start())}: {match[0]!r}"


def vague_names(path: Path) -> Iterator[str]:
    """Names bound in a file that are in VAGUE."""
    text = text_of(path)
    if path.suffix in (".js", ".lua"):
        for match in DECLARED.finditer(text):
            yield f"{path.relative_to(ROOT)}:{line_of(text, match.start())}: {match['name']!r}"
        return
    if not VAGUE_WORDS.search(text):
        return
    for node in ast.walk(ast.parse(text)):
        bound = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id
        bound = bound or (isinstance(node, ast.arg) and node.arg)
        if bound in VAGUE:
            yield f"{path.relative_to(ROOT)}:{node.lineno}: {bound!r}"


def test_replaced_words_are_gone() -> None:
    assert [hit for name, text in texts() for hit in replaced_words(name, text)] == []


def test_names_say_what_they_hold() -> None:
    paths = [path for path in committed() if path.suffix in (".py", ".js", ".lua")]
    paths = [path for path in paths if "_pb2" not in path.name and "vendor" not in path.parts]

    assert [hit for path in paths for hit in vague_names(path)] == []


def test_the_check_finds_words_and_names(tmp_path: Path) -> None:
    """So that neither list above is empty because nothing is looked at."""
    assert list(replaced_words("x", "It rings for the job")) == ["x:1: 'rings for'"]
    assert len(list(texts())) > 300
