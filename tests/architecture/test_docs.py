"""Docs are held to the tree: folders, files, keys and links that they name exist."""

import re
from pathlib import Path

import pytest

from loresmith.jobs.core.status import TRANSITIONS
from loresmith.jobs.store.key_catalogue import CATALOGUE
from tests.architecture.tree import ROOT, committed

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LAYERED = ("api", "jobs", "lore_service", "loresmith", "offline_model", "worker")
"""Packages whose folders are rows of their own."""
WHOLE = ("archive", "protos")
LINKS = {path.name for path in (ROOT / "loresmith").iterdir() if path.is_symlink()}


def section(title: str) -> str:
    return ARCHITECTURE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_the_folder_table_is_the_tree() -> None:
    """Given the folders that hold code / I expect a row for each, and no other."""
    folders = {f"{name}/" for name in WHOLE}
    for path in committed():
        parts = path.relative_to(ROOT).parts
        if len(parts) > 2 and parts[0] in LAYERED and path.suffix in (".py", ".js"):
            folders.add(f"{parts[0]}/{parts[1]}/")

    rows = re.findall(r"^\| `([\w/]+/)` \|", section("Folders"), re.MULTILINE)

    assert sorted(rows) == sorted(folders)
    assert set(LAYERED) | set(WHOLE) == LINKS | {"loresmith"}


def test_each_package_says_what_belongs_there() -> None:
    """Given a folder of the table / I expect two sentences at least in its `__init__`."""
    for name in re.findall(r"^\| `([\w/]+/)` \|", section("Folders"), re.MULTILINE):
        init = ROOT / name / "__init__.py"
        if init.is_file() and not name.startswith("protos"):
            docstring = init.read_text(encoding="utf-8").split('"""')[1]
            assert len(re.findall(r"[.;:](?:\s|$)", docstring)) >= 2, name


def test_the_key_table_is_the_catalogue() -> None:
    rows = [f"| `{key.pattern}` | {key.type} | {key.lives} | {key.meaning} |" for key in CATALOGUE]

    assert section("Redis keys").count("\n| `") == len(rows)
    assert [row for row in rows if row not in ARCHITECTURE] == []


def test_the_diagram_of_the_lifecycle_is_the_table_of_transitions() -> None:
    diagram = (ROOT / "docs" / "lifecycle.md").read_text(encoding="utf-8")
    arrows = set(re.findall(r"^ +(\w+) --> (\w+):", diagram, re.MULTILINE))

    allowed = {(start, end) for starts, end in TRANSITIONS.values() for start in starts}
    assert arrows == allowed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_links_exist(page: Path) -> None:
    """Given each path of ours and each relative link on a page / I expect the file."""
    text = page.read_text(encoding="utf-8")
    tops = "|".join((*LAYERED, *WHOLE, "tests", "docs", "bench", "chaos", "examples"))
    paths = set(re.findall(rf"`((?:{tops})/[\w./-]+\.\w+)`", text))
    paths -= {"loresmith/loresmith.css"}  # a file of the npm package
    links = set(re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text))

    missing = [path for path in paths if not (ROOT / path).exists()]
    missing += [link for link in links if not (page.parent / link).exists()]

    assert [path for path in missing if not path.startswith(ADDED)] == []


ADDED = (
    "jobs/types/builtin/generate_quests.py",
    "tests/unit/jobs/types/builtin/test_generate_quests.py",
)
"""Files that docs/adding-a-job-type.md has the reader write."""
