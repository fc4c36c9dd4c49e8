"""Sets up the log of a process: one handler, one format, and hooks for uncaught exceptions."""

import logging
import sys
import threading
from types import TracebackType

from loresmith.jobs.core.logs.formatter import SafeFormatter
from loresmith.jobs.core.logs.structured_logger import StructuredLogger

LOGGERS = ("loresmith", "rq", "uvicorn")
"""Loggers that follow the level; other packages log warnings and errors only."""
log = StructuredLogger("loresmith.uncaught")


def configure_logging(part: str, level: str = "INFO", log_format: str = "text") -> None:
    """Logs to standard error in our format; also what RQ's command line has set up handlers for.

    `part` names the process in JSON lines. Warnings and uncaught exceptions are logged as well.
    """
    root = logging.getLogger()
    for handler in [*root.handlers]:
        if not _is_foreign(handler):
            root.removeHandler(handler)
    handler = logging.StreamHandler()
    handler.setFormatter(SafeFormatter(part, log_format))
    root.addHandler(handler)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(level)
    rq_worker = logging.getLogger("rq.worker")
    rq_worker.handlers.clear()
    rq_worker.propagate = True
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a failing handler would print the record
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    sys.unraisablehook = _log_unraisable


def _is_foreign(handler: logging.Handler) -> bool:
    """Whether a handler is not a plain stream handler: pytest's, or one of a user's own."""
    return type(handler) is not logging.StreamHandler


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        log.bug("uncaught exception", error)


def _log_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
        log.bug("uncaught exception in a thread", arguments.exc_value)


def _log_unraisable(arguments: "sys.UnraisableHookArgs") -> None:
    if arguments.exc_value is not None:
        log.bug("exception that could not be raised", arguments.exc_value)
