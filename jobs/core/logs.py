"""The log of every process: one format, UTC, and the id of the request that a line is about.

2026-11-29T10:00:00.123Z INFO loresmith.api.background.enqueuer: queued id=… request_id=…
"""

import logging
import time
from contextvars import ContextVar

LOGGERS = ("loresmith", "rq", "uvicorn")
"""Loggers that follow the level; other packages log warnings and errors only."""
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the HTTP request that is served; empty outside of one."""


class UTCFormatter(logging.Formatter):
    """Formats a record as one line; a traceback follows on lines of its own."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        request_id = REQUEST_ID.get()
        return f"{line} request_id={request_id}" if request_id else line


def configure_logging(level: str = "INFO") -> None:
    """Logs to standard error in our format; also what RQ's command line has set up handlers for."""
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, UTCFormatter) for handler in root.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(UTCFormatter())
        root.addHandler(handler)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(level)
    rq_worker = logging.getLogger("rq.worker")
    rq_worker.handlers.clear()
    rq_worker.propagate = True
