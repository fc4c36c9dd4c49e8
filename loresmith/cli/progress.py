"""The progress of a job: a live bar on a terminal, plain lines anywhere else. On standard error."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from loresmith.cli.text import plain, told
from loresmith.job import Job
from loresmith.patience import Trouble

STEP: Final = 10
"""Per cent between two plain lines with the same message."""
TAIL: Final = 220
"""Letters of the text so far that are shown below the bar."""
LONGEST: Final = " 79 % (estimated)"


class Watcher(Protocol):
    """Who is told how a job goes."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def update(self, job: Job) -> None:
        """The job has changed."""

    def trouble(self, trouble: Trouble | None) -> None:
        """The server does not answer, or, with None, does again."""


def watcher(console: Console) -> Watcher:
    """The one that suits where standard error goes."""
    moves = console.is_terminal and not console.is_dumb_terminal
    return Bar(console) if moves else Lines(console)


class Bar:
    """A bar that moves, with what the job does below it."""

    def __init__(self, console: Console) -> None:
        self._clock = Elapsed()
        self._spinner = Spinner("dots")
        self._job: Job | None = None
        self._trouble: Trouble | None = None
        self._live = Live(get_renderable=self._picture, console=console, refresh_per_second=8)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def update(self, job: Job) -> None:
        self._clock.see(job)
        self._job = job

    def trouble(self, trouble: Trouble | None) -> None:
        self._trouble = trouble

    def _picture(self) -> RenderableType:
        job = self._job
        progress = job.progress if job else 0
        line = Table.grid(expand=True, padding=(0, 1, 0, 0))
        line.add_column()
        line.add_column(ratio=1)
        line.add_column(min_width=len(LONGEST), no_wrap=True)
        line.add_column()
        line.add_row(
            " " if job and job.ended else self._spinner,
            ProgressBar(100, progress),
            percent(job),
            Text(self._clock.shown, "dim"),
        )
        return Group(line, Text("  ") + self._below(), *self._written())

    def _written(self) -> list[RenderableType]:
        """The last of what the model has written, while it writes."""
        if self._job is None or self._job.ended or self._trouble:
            return []
        last = written(self._job)[-TAIL:]
        return [Padding(told(last, "dim"), (0, 0, 0, 2))] if last else []

    def _below(self) -> Text:
        if self._trouble:
            return told(absence(self._trouble), "yellow")
        return told(message(self._job)) if self._job else Text("Asking...")


class Lines:
    """A line when the message changes, and every ten per cent."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._clock = Elapsed()
        self._shown: tuple[str, int] | None = None
        self._away = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def update(self, job: Job) -> None:
        self._clock.see(job)
        now = (message(job), job.progress // STEP)
        if now == self._shown and not job.ended:
            return
        self._shown = now
        self._say(f"{self._clock.shown}  {percent(job)}  {now[0]}")

    def trouble(self, trouble: Trouble | None) -> None:
        if bool(trouble) != self._away:
            self._say(absence(trouble) if trouble else "The server answers again.")
        self._away = bool(trouble)

    def _say(self, line: str) -> None:
        self._console.out(plain(line), highlight=False)


class Elapsed:
    """How long the job is on its way, by the server's clock when it was first seen, then ours."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._seen = False
        self._total: float | None = None

    def see(self, job: Job) -> None:
        """Learns from a job when it began, and when it ended."""
        if not self._seen and job.created_at and job.updated_at:
            self._since -= max(0.0, (job.updated_at - job.created_at).total_seconds())
        self._seen = True
        if job.ended and job.created_at and job.completed_at:
            self._total = (job.completed_at - job.created_at).total_seconds()

    @property
    def shown(self) -> str:
        seconds = time.monotonic() - self._since if self._total is None else self._total
        whole = max(0, int(seconds))
        return f"{whole // 60}:{whole % 60:02}"


def written(job: Job) -> str:
    """The text of the call that runs, in one line."""
    partial = job.partial_result
    text = partial.get("text") if isinstance(partial, Mapping) else None
    return " ".join(text.split()) if isinstance(text, str) else ""


def percent(job: Job | None) -> str:
    """How far it is, and whether that is only an estimate."""
    if job is None:
        return "  0 %"
    return f"{job.progress:>3} %{' (estimated)' if job.estimated else ''}"


def message(job: Job) -> str:
    """What the job does, in a line."""
    words = job.message
    if job.attempt > 1 and not job.ended:
        words += f" (attempt {job.attempt})"
    if job.next_try_at and not job.ended:
        words += f" Next try at {job.next_try_at.astimezone():%H:%M:%S}."
    return words


def absence(trouble: Trouble) -> str:
    """What is told while the server does not answer."""
    away = f" for {trouble.since_s:.0f} s" if trouble.since_s >= 1 else ""
    return f"No answer{away} ({trouble.reason}); the job goes on without us. Trying again..."
