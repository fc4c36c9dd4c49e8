"""Shows the progress of a job on standard error: a bar on a terminal, plain lines elsewhere."""

import time
from typing import Final, Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from loresmith.cli.text import literal, plain
from loresmith.client import Job, Trouble

LINE_STEP: Final = 10
"""Per cent between two plain lines with the same message."""
MAX_TEXT_LENGTH: Final = 220
"""Characters of the text so far that are shown below the bar."""
WIDEST_PERCENT: Final = " 79 % (estimated)"


class ProgressView(Protocol):
    """Shows a job while a command waits for it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def update(self, job: Job) -> None:
        """Shows a change of the job."""

    def trouble(self, trouble: Trouble | None) -> None:
        """Shows that the server does not respond, or, with None, responds again."""


def progress_view(console: Console) -> ProgressView:
    """Returns the view that suits the console."""
    can_move = console.is_terminal and not console.is_dumb_terminal
    return BarView(console) if can_move else LinesView(console)


class BarView:
    """A moving bar, with the message and the end of the text below it.

    `transient`: it disappears at the end.
    """

    def __init__(self, console: Console, *, transient: bool = False) -> None:
        self._timer = JobTimer()
        self._spinner = Spinner("dots")
        self._job: Job | None = None
        self._trouble: Trouble | None = None
        self._live = Live(
            get_renderable=self._render,
            console=console,
            refresh_per_second=8,
            transient=transient,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()

    def update(self, job: Job) -> None:
        self._timer.update(job)
        self._job = job

    def trouble(self, trouble: Trouble | None) -> None:
        self._trouble = trouble

    def _render(self) -> RenderableType:
        job = self._job
        line = Table.grid(expand=True, padding=(0, 1, 0, 0))
        line.add_column()
        line.add_column(ratio=1)
        line.add_column(min_width=len(WIDEST_PERCENT), no_wrap=True)
        line.add_column()
        line.add_row(
            " " if job and job.ended else self._spinner,
            ProgressBar(100, job.progress if job else 0),
            percent(job),
            Text(self._timer.text, "dim"),
        )
        return Group(line, Text("  ") + self._message(), *self._text_so_far())

    def _message(self) -> Text:
        if self._trouble:
            return literal(outage(self._trouble), "yellow")
        return literal(message(self._job)) if self._job else Text("Connecting...")

    def _text_so_far(self) -> list[RenderableType]:
        if self._job is None or self._job.ended or self._trouble:
            return []
        end = text_so_far(self._job)[-MAX_TEXT_LENGTH:]
        return [Padding(literal(end, "dim"), (0, 0, 0, 2))] if end else []


class LinesView:
    """A line when the message changes, and every ten per cent."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._timer = JobTimer()
        self._shown: tuple[str, int] | None = None
        self._unreachable = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        return None

    def update(self, job: Job) -> None:
        self._timer.update(job)
        current = (message(job), job.progress // LINE_STEP)
        if current == self._shown and not job.ended:
            return
        self._shown = current
        self._print(f"{self._timer.text}  {percent(job)}  {message(job)}")

    def trouble(self, trouble: Trouble | None) -> None:
        if bool(trouble) != self._unreachable:
            self._print(outage(trouble) if trouble else "Connected again.")
        self._unreachable = bool(trouble)

    def _print(self, line: str) -> None:
        self._console.out(plain(line), highlight=False)


class JobTimer:
    """The age of a job: by the server's clock at first sight, then by ours."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._started = False
        self._total: float | None = None

    def update(self, job: Job) -> None:
        """Reads when the job was created, and when it ended."""
        if not self._started and job.created_at and job.updated_at:
            self._since -= max(0.0, (job.updated_at - job.created_at).total_seconds())
        self._started = True
        if job.ended and job.created_at and job.completed_at:
            self._total = (job.completed_at - job.created_at).total_seconds()

    @property
    def text(self) -> str:
        """Minutes and seconds: 1:05."""
        seconds = time.monotonic() - self._since if self._total is None else self._total
        whole = max(0, int(seconds))
        return f"{whole // 60}:{whole % 60:02}"


def text_so_far(job: Job) -> str:
    """Returns the text of the running call in one line."""
    return " ".join(job.partial_text.split())


def percent(job: Job | None) -> str:
    """Formats the progress, and whether it is simulated."""
    if job is None:
        return "  0 %"
    return f"{job.progress:>3} %{' (estimated)' if job.estimated else ''}"


def message(job: Job) -> str:
    """Formats the message of a job, with its attempt and its next try."""
    text = job.message
    if job.attempt > 1 and not job.ended:
        text += f" (attempt {job.attempt})"
    if job.next_try_at and not job.ended:
        text += f" Next try at {job.next_try_at.astimezone():%H:%M:%S}."
    return text


def outage(trouble: Trouble) -> str:
    """Formats that the server does not respond."""
    since = f" for {trouble.since_s:.0f} s" if trouble.since_s >= 1 else ""
    return f"No response{since} ({trouble.reason}); the job keeps running. Retrying..."
