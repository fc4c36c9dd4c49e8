"""What `loresmith up` tells a person: one screen, and a line for each thing that happens."""

import os
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from loresmith.up.part import Part
from loresmith.up.plan import Plan, Wanted, redacted

SUBMIT = "submit generate_characters theme=fantasy count=3 --watch"
BODY = '{"type": "generate_characters", "payload": {"theme": "fantasy"}}'
REAL = "\n  For a real model set OPENAI_API_KEY, or OPENAI_BASE_URL of a compatible one."


class Terminal:
    """Lines for people. One who went away misses them; nothing stops because of that."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    def show(self, text: str) -> None:
        try:
            print(text, file=self._out, flush=True)
        except (OSError, ValueError):
            self._out = open(os.devnull, "w")  # noqa: SIM115

    def say(self, line: str) -> None:
        self.show(f"{time.strftime('%H:%M:%S')}  {line}")


class Follow:
    """Shows what parts write to their logs, with their names in front."""

    def __init__(self, parts: Sequence[Part], terminal: Terminal) -> None:
        self._terminal = terminal
        self._width = max((len(part.name) for part in parts), default=0)
        self._read = {part.name: (part.log, 0) for part in parts}

    def __call__(self) -> None:
        for name, (log, start) in self._read.items():
            with suppress(OSError), log.open("rb") as file:
                file.seek(start)
                new = file.read()
                whole = new[: new.rfind(b"\n") + 1]
                self._read[name] = (log, start + len(whole))
                for line in whole.decode(errors="replace").splitlines():
                    self._terminal.show(f"{name:<{self._width}} | {line}")


def screen(plan: Plan, wanted: Wanted, folder: Path) -> str:
    """What was started and where, and what to try."""
    rows = [(part.name, f"process {part.pid}", part.where) for part in plan.parts]
    if plan.redis is None:
        rows.insert(0, ("redis", "yours", redacted(plan.redis_url)))
    about = [
        ("model", plan.model),
        ("worlds", redacted(plan.database_url)),
        ("data", str(folder)),
        ("logs", f"{shown(folder / 'logs')}/*.log"),
    ]
    return "\n".join(
        [
            f"Loresmith is up: {wanted.url}  (docs: {wanted.url}/docs)",
            "",
            *_columns(rows),
            "",
            *_columns(about),
            *([REAL] if plan.offline else []),
            "",
            "  Try it, in another terminal:",
            *(f"    {line}" for line in _examples(plan, wanted)),
            "",
            "Ctrl-C stops everything; jobs that run are finished first.",
        ]
    )


def _examples(plan: Plan, wanted: Wanted) -> list[str]:
    elsewhere = "" if wanted.port == Wanted.port else f" --url {wanted.url}"
    lines = [
        f"{program('loresmith')} {SUBMIT}{elsewhere}",
        f"curl {wanted.url}/jobs -H 'Content-Type: application/json' \\",
        f"  -d '{BODY}'",
        f"curl {wanted.url}/jobs/ID",
        f"{program('rq')} info -u {redacted(plan.redis_url)}",
    ]
    cli = shutil.which("valkey-cli") or shutil.which("redis-cli")
    if cli:
        lines.append(f"{Path(cli).name} -u {redacted(plan.redis_url)} HGETALL job:ID")
    return lines


def program(name: str) -> str:
    """How a person here calls one of our programs."""
    if shutil.which(name):
        return name
    beside = Path(sys.executable).parent / name
    return shown(beside) if beside.exists() else f"{shown(Path(sys.executable))} -m {name}"


def shown(path: Path) -> str:
    """A path as short as a person here may write it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = (map(str.ljust, row, widths) for row in rows)
    return [f"  {'   '.join(cells)}".rstrip() for cells in padded]
