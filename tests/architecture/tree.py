"""The tree as it is committed, for the tests that read it."""

import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jobs.scripts import PRELUDE

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "archive", "jobs", "lore_service", "loresmith", "worker")


def committed() -> list[Path]:
    """Every file git knows, and the new ones it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [ROOT / name for name in sorted(set(listed.split("\0"))) if name]
    return [path for path in paths if path.is_file()]


def sources() -> list[Path]:
    """The Python files of our packages."""
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
        return self.path.stem

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def header(self) -> str:
        found = re.match(r"(?:--.*\n)+", self.text)
        return found[0] if found else ""

    @cached_property
    def code(self) -> str:
        """What runs: without the header and other comments."""
        return re.sub(r"--.*", "", self.text[len(self.header) :])


LUA_FOLDER = ROOT / "jobs" / "lua"
BEFORE = [LuaFile(LUA_FOLDER / f"{part}.lua") for part in PRELUDE]
PRELUDE_TEXT = "".join(part.text for part in BEFORE)
"""What stands before every script."""
SCRIPTS = [LuaFile(path) for path in sorted(LUA_FOLDER.glob("[!_]*.lua"))]
