"""The terminal output of `loresmith up`: a summary, a line for each event, and followed logs."""

import errno
import os
import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TextIO
from urllib.parse import urlsplit

from loresmith.jobs.core.settings.checks import is_loopback, without_password
from loresmith.supervisor.plan import REDIS_PASSWORD_FILE, REDIS_URL_FILE, StackPlan, UpOptions
from loresmith.supervisor.process import ChildProcess

PROMPT: Final = 'prompt "Write a haiku about rain."'
SUBMIT: Final = "submit generate_characters theme=fantasy count=3 --watch"
BODY: Final = '{"type": "prompt", "payload": {"prompt": "Write a haiku about rain."}}'
API_KEY: Final = "LORESMITH_API_KEY"
REAL_MODEL_HINT: Final = (
    "\n  For a real model set OPENAI_API_KEY, or OPENAI_BASE_URL of a compatible server, or "
    "LORESMITH_PROVIDERS."
)


class Terminal:
    """Prints lines, and goes on without output when the terminal is gone or the disk is full."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    def print(self, text: str) -> None:
        try:
            print(text, file=self._out, flush=True)
        except (OSError, ValueError) as error:
            if getattr(error, "errno", None) != errno.ENOSPC:
                self._out = open(os.devnull, "w")  # noqa: SIM115

    def red(self, text: str) -> str:
        """Returns a text in red where the terminal has colours."""
        return f"\033[31m{text}\033[0m" if self._out.isatty() else text

    def report(self, line: str) -> None:
        """Prints a line with the time."""
        self.print(f"{time.strftime('%H:%M:%S')}  {line}")


class LogFollower:
    """Prints new lines of the logs, with the name of the process in front."""

    def __init__(self, processes: Sequence[ChildProcess], terminal: Terminal) -> None:
        self._terminal = terminal
        self._width = max((len(process.name) for process in processes), default=0)
        self._offsets = {process.name: (process.log, 0) for process in processes}

    def __call__(self) -> None:
        for name, (log, offset) in self._offsets.items():
            with suppress(OSError), log.open("rb") as file:
                file.seek(offset)
                new = file.read()
                lines = new[: new.rfind(b"\n") + 1]
                self._offsets[name] = (log, offset + len(lines))
                for line in lines.decode(errors="replace").splitlines():
                    self._terminal.print(f"{name:<{self._width}} | {line}")


def summary(
    plan: StackPlan, options: UpOptions, directory: Path, *, has_ctrl_c: bool = True
) -> str:
    """Describes a running stack, with examples of its use, and how to stop it."""
    how = "Ctrl-C" if has_ctrl_c else f"In the background Ctrl-C is ignored: `kill {os.getpid()}`"
    rows = [(each.name, f"process {each.pid}", each.description) for each in plan.processes]
    if plan.redis is None:
        rows.insert(0, ("redis", "external", without_password(plan.redis_url)))
    about = [
        ("model", plan.model),
        ("worlds", without_password(plan.database_url)),
        ("data", str(directory)),
        ("logs", f"{short_path(directory / 'logs')}/*.log"),
    ]
    return "\n".join(
        [
            f"Loresmith is running: {options.url}  (docs: {options.url}/docs)",
            "",
            *_columns(rows),
            "",
            *_columns(about),
            *([REAL_MODEL_HINT] if plan.offline else []),
            "",
            "  Try it in another terminal:",
            *(f"    {line}" for line in _examples(plan, options, directory)),
            "",
            f"{how} finishes running jobs, then stops everything.",
        ]
    )


def exposure(options: UpOptions, first_key: str) -> str:
    """Says what a public server exposes, and its first key, which is shown this once."""
    address = f"{options.host}:{options.port}"
    reach = f"other machines reach the api at {address}"
    if is_loopback(options.host):
        reach = f"a proxy on this machine reaches the api at {address} (others need --host)"
    lines = [
        "",
        f"PUBLIC: {reach}. Every request needs an API key, and travels unencrypted: put a TLS "
        "proxy in front (docs/authentication.md).",
    ]
    if first_key:
        lines += ["The key of the first admin, shown this once:", f"  {first_key}"]
    return "\n".join(lines)


def command_name(name: str) -> str:
    """Returns how to call one of our programs from here."""
    if shutil.which(name):
        return name
    python = Path(sys.executable)
    program = python.with_name(name)
    return short_path(program) if program.exists() else f"{short_path(python)} -m {name}"


def short_path(path: Path) -> str:
    """Returns a path relative to the current directory, if it is below it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _examples(plan: StackPlan, options: UpOptions, directory: Path) -> list[str]:
    url_option = "" if options.port == UpOptions.port else f" --url {options.url}"
    key = f' -H "Authorization: Bearer ${API_KEY}"' if options.public else ""
    lines = [
        *([f"export {API_KEY}=lore_..."] if options.public else []),
        *(f"{command_name('loresmith')} {words}{url_option}" for words in (PROMPT, SUBMIT)),
        f"curl {options.url}/jobs{key} -H 'Content-Type: application/json' \\",
        f"  -d '{BODY}'",
        f"curl {options.url}/jobs/ID{key}",
        *_redis_examples(plan, directory),
    ]
    return lines


def _redis_examples(plan: StackPlan, directory: Path) -> list[str]:
    """Passwords come from files, through the environment: arguments are in the process list."""
    url, rq = urlsplit(plan.redis_url), f"{command_name('rq')} info"
    client = shutil.which("valkey-cli") or shutil.which("redis-cli")
    if plan.redis is None:
        shown = without_password(plan.redis_url)
        rq, read = f"{rq} -u {shown}", f"-u {shown}"
    else:
        rq = f'RQ_REDIS_URL="$(cat {short_path(directory / REDIS_URL_FILE)})" {rq}'
        read = f"-p {url.port}"
    lines = [rq]
    if client:
        password = f'REDISCLI_AUTH="$(cat {short_path(directory / REDIS_PASSWORD_FILE)})" '
        auth = password if plan.redis else ""
        lines.append(f"{auth}{Path(client).name} {read} HGETALL {plan.prefix}job:ID")
    return lines


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = (map(str.ljust, row, widths) for row in rows)
    return [f"  {'   '.join(cells)}".rstrip() for cells in padded]
