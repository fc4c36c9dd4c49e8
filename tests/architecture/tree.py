"""The committed tree, for tests that read it."""

import re
import subprocess
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from loresmith.jobs.store.scripts import PRELUDE

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "archive", "jobs", "lore_service", "loresmith", "offline_model", "worker")


@cache
def committed() -> list[Path]:
    """Lists tracked files, and new ones that are not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [ROOT / name for name in sorted(set(listed.split("\0"))) if name]
    return [path for path in paths if path.is_file()]


@cache
def text_of(path: Path) -> str:
    """Reads a file once for all tests."""
    return path.read_text(encoding="utf-8", errors="replace")


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def sources() -> list[Path]:
    """Lists the Python files of the product."""
    return [
        path
        for path in committed()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES
    ]


@dataclass(frozen=True)
class LuaFile:
    """One script: the comment it begins with, and the code."""

    path: Path

    @property
    def name(self) -> str:
        """The path as scripts are called, for example jobs/claim."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def header(self) -> str:
        matches = re.match(r"(?:--.*\n)+", self.text)
        return matches[0] if matches else ""

    @cached_property
    def code(self) -> str:
        """The source without its header and comments."""
        return re.sub(r"--.*", "", self.text[len(self.header) :])


LUA_FOLDER = ROOT / "jobs" / "store" / "lua"
BEFORE = [LuaFile(LUA_FOLDER / "lib" / f"{part}.lua") for part in PRELUDE]
"""The parts whose definitions precede the scripts."""
SCRIPTS = [
    LuaFile(path) for path in sorted(LUA_FOLDER.glob("*/*.lua")) if path.parent.name != "lib"
]
