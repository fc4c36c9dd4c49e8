"""What every command that talks to a server shares: options, client and the two outputs."""

import json
import os
import sys
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import click
from rich.console import Console

from loresmith.cli.exit_codes import INVALID, CommandError, to_command_error
from loresmith.cli.progress import ProgressView, progress_view
from loresmith.client import Client, Job, JobEnded, LoresmithError, Trouble
from loresmith.client.address import DEFAULT_URL

P = ParamSpec("P")
T = TypeVar("T")

RETRY_TIMEOUT_S: Final = 10.0
POLL_INTERVAL_S: Final = 0.5
"""Short, so that the bar moves; an unchanged job costs a 304."""


class CommandContext:
    """A client; standard output for results, standard error for everything else."""

    def __init__(self, url: str, *, as_json: bool) -> None:
        self.as_json = as_json
        self.out = Console(highlight=False, soft_wrap=True)
        self.err = Console(stderr=True, highlight=False)
        self._view: ProgressView | None = None
        self._warned = False
        try:
            self.client = Client(
                url,
                retry_timeout_s=RETRY_TIMEOUT_S,
                poll_interval_s=POLL_INTERVAL_S,
                on_trouble=self._on_trouble,
            )
        except ValueError as error:
            raise CommandError(str(error), INVALID) from None

    @property
    def url(self) -> str:
        return self.client.url

    @property
    def url_option(self) -> str:
        """The option that reaches the same server again; empty for the default one."""
        default = os.environ.get("LORESMITH_URL") or DEFAULT_URL
        return "" if self.url == default.rstrip("/") else f" --url {self.url}"

    def json(self, value: Any) -> None:
        """Prints a value as JSON."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def show(self, value: Any, as_text: Callable[[], None]) -> None:
        """Prints a value as JSON with --json, else calls `as_text`."""
        if self.as_json:
            self.json(value)
        else:
            as_text()

    def note(self, text: str) -> None:
        """Prints a remark on standard error."""
        self.err.print(text, markup=False, style="dim", soft_wrap=True)

    def watch(
        self,
        job_id: str,
        *,
        timeout: float | None,
        silent: bool = False,
        view: ProgressView | None = None,
    ) -> Job:
        """Waits for the end of a job, shows it in a view unless `silent`, and returns it.

        The view is a bar or lines on standard error by default. Raises StillRunning and
        ProblemError. Ctrl-C does not cancel the job.
        """
        try:
            if silent:
                return self.client.wait(job_id, timeout=timeout)
            return self._wait_visibly(job_id, timeout, view or progress_view(self.err))
        except JobEnded as ended:
            return ended.job
        except KeyboardInterrupt:
            job = f"{job_id}{self.url_option}"
            self.note(
                "Stopped watching; the job keeps running.\n"
                f"  Watch again: loresmith watch {job}\n"
                f"  Cancel it:   loresmith cancel {job}"
            )
            raise

    def _wait_visibly(self, job_id: str, timeout: float | None, view: ProgressView) -> Job:
        with view as self._view:
            try:
                return self.client.wait(job_id, timeout=timeout, on_update=self._view.update)
            finally:
                self._view = None

    def _on_trouble(self, trouble: Trouble | None) -> None:
        if self._view:
            self._view.trouble(trouble)
        elif trouble and not self._warned:
            self._warned = True
            self.note(f"No response from {self.url} ({trouble.reason}); retrying...")


url_option = click.option(
    "--url",
    envvar="LORESMITH_URL",
    show_envvar=True,
    default=DEFAULT_URL,
    show_default=True,
    metavar="URL",
    help="URL of the server.",
)
PRIORITIES = click.Choice(["interactive", "normal", "batch"])
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def with_client(command: Callable[Concatenate[CommandContext, P], T]) -> Callable[..., T]:
    """Adds --url and --json to a command, passes it a context, and converts its errors."""

    def wrapper(url: str, as_json: bool, *args: P.args, **kwargs: P.kwargs) -> T:
        context = CommandContext(url, as_json=as_json)
        try:
            with context.client:
                return command(context, *args, **kwargs)
        except LoresmithError as error:
            raise to_command_error(error, context.url, kwargs.get("id")) from error

    return url_option(json_option(update_wrapper(wrapper, command)))
