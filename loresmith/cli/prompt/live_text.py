"""Writes the text of a job to a terminal as the model writes it."""

from typing import Final, Self, TextIO

from rich.console import Console

from loresmith.cli.progress import BarView, ProgressView, outage, progress_view
from loresmith.cli.text import plain
from loresmith.client import Job, Trouble

STARTS_AGAIN: Final = "The answer starts again:"


class LiveText:
    """Shows the progress until there is text, then the text.

    Written text cannot be taken back: where another attempt writes other text, it follows below.
    """

    def __init__(self, out: TextIO, console: Console) -> None:
        self._out, self._console = out, console
        moves = isinstance(progress_view(console), BarView)
        self._progress: ProgressView | None = (
            BarView(console, transient=True) if moves else progress_view(console)
        )
        self._written = ""
        self._trouble = False

    def __enter__(self) -> Self:
        if self._progress:
            self._progress.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._end_progress()

    def update(self, job: Job) -> None:
        text = job.partial_text
        if text:
            self.write(text)
        elif self._progress:
            self._progress.update(job)

    def trouble(self, trouble: Trouble | None) -> None:
        if self._progress:
            self._progress.trouble(trouble)
        elif trouble and not self._trouble:
            self._note(outage(trouble))
        self._trouble = trouble is not None

    def write(self, text: str) -> None:
        """Writes what is new of a text."""
        self._end_progress()
        if not text.startswith(self._written):
            self._note(STARTS_AGAIN)
            self._written = ""
        self._out.write(plain(text[len(self._written) :]))
        self._out.flush()
        self._written = text

    def end(self, text: str) -> None:
        """Writes the rest of the final text, and the end of its last line."""
        if text.strip() != self._written.strip():
            self.write(text)
        self._end_progress()
        if not self._written.endswith("\n"):
            self._out.write("\n")
        self._out.flush()

    def _note(self, text: str) -> None:
        """Prints a remark on lines of its own."""
        self._console.print(f"\n{text}", markup=False, style="dim", soft_wrap=True)

    def _end_progress(self) -> None:
        progress, self._progress = self._progress, None
        if progress:
            progress.__exit__(None, None, None)
