"""What every command that talks to a server shares: its options, its client, its two outputs."""

import json
import os
import sys
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import click
from rich.console import Console

from loresmith.address import DEFAULT_URL
from loresmith.cli.exits import REFUSED, Failure, failure
from loresmith.cli.progress import Watcher, watcher
from loresmith.client import Client
from loresmith.errors import JobEnded, LoresmithError
from loresmith.job import Job
from loresmith.patience import Trouble

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE_S: Final = 10.0
POLL_S: Final = 0.5
"""Seconds between two looks at a job, so that its bar moves; an unchanged job answers 304."""


class Shell:
    """A client, standard output for what was asked for, standard error for everything else."""

    def __init__(self, url: str, *, as_json: bool) -> None:
        self.as_json = as_json
        self.out = Console(highlight=False, soft_wrap=True)
        self.err = Console(stderr=True, highlight=False)
        self._watcher: Watcher | None = None
        self._warned = False
        try:
            self.client = Client(
                url, patience_s=PATIENCE_S, poll_s=POLL_S, on_trouble=self._on_trouble
            )
        except ValueError as error:
            raise Failure(str(error), REFUSED) from None

    @property
    def url(self) -> str:
        return self.client.url

    @property
    def elsewhere(self) -> str:
        """What a command must say in addition to reach the same server; often nothing."""
        usual = os.environ.get("LORESMITH_URL") or DEFAULT_URL
        return "" if self.url == usual.rstrip("/") else f" --url {self.url}"

    def json(self, value: Any) -> None:
        """Prints a value for machines."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def note(self, text: str) -> None:
        """Says something that is not the result."""
        self.err.print(text, markup=False, style="dim", soft_wrap=True)

    def watch(self, job_id: str, *, timeout: float | None, silent: bool = False) -> Job:
        """The job once it has ended, however it ended; shows its progress meanwhile.

        Raises StillRunning and ProblemError. Ctrl-C leaves the job alone and says how to come back.
        """
        try:
            return self._wait(job_id, timeout) if silent else self._wait_aloud(job_id, timeout)
        except JobEnded as ended:
            return ended.job
        except KeyboardInterrupt:
            here = f"{job_id}{self.elsewhere}"
            self.note(
                "Left; the job goes on.\n"
                f"  Come back: loresmith watch {here}\n"
                f"  Stop it:   loresmith cancel {here}"
            )
            raise

    def _wait(self, job_id: str, timeout: float | None) -> Job:
        return self.client.wait(job_id, timeout=timeout)

    def _wait_aloud(self, job_id: str, timeout: float | None) -> Job:
        with watcher(self.err) as self._watcher:
            try:
                return self.client.wait(job_id, timeout=timeout, on_update=self._watcher.update)
            finally:
                self._watcher = None

    def _on_trouble(self, trouble: Trouble | None) -> None:
        if self._watcher:
            self._watcher.trouble(trouble)
        elif trouble and not self._warned:
            self._warned = True
            self.note(f"No answer from {self.url} ({trouble.reason}); trying again...")


def talks(command: Callable[Concatenate[Shell, P], T]) -> Callable[..., T]:
    """Gives a command --url and --json, and a Shell; turns the client's errors into exits."""

    def wrapped(url: str, as_json: bool, *args: P.args, **kwargs: P.kwargs) -> T:
        shell = Shell(url, as_json=as_json)
        try:
            with shell.client:
                return command(shell, *args, **kwargs)
        except LoresmithError as error:
            raise failure(error, shell.url) from error

    made = update_wrapper(wrapped, command)
    made = click.option("--json", "as_json", is_flag=True, help="Print JSON, for machines.")(made)
    return click.option(
        "--url",
        envvar="LORESMITH_URL",
        show_envvar=True,
        default=DEFAULT_URL,
        show_default=True,
        metavar="URL",
        help="The server.",
    )(made)
