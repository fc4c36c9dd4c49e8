"""Formats records as text or JSON, one line each, in UTC.

2026-11-29T10:00:00.123Z INFO loresmith.api.background.enqueuer: queued job_id=… request_id=…
"""

import json
import logging
import time
from typing import Any

from loresmith.jobs.core.logs.context import bound
from loresmith.jobs.core.logs.structured_logger import LogMessage
from loresmith.jobs.core.logs.third_party import describe


class SafeFormatter(logging.Formatter):
    """Writes what is allowed of a record: ours as they are, others through the filter."""

    def __init__(self, part: str, log_format: str = "text") -> None:
        super().__init__()
        self._part = part
        self._as_json = log_format == "json"

    def format(self, record: logging.LogRecord) -> str:
        message = record.msg if isinstance(record.msg, LogMessage) else describe(record)
        fields = message.fields | {k: v for k, v in bound().items() if k not in message.fields}
        line = LogMessage(message.text, fields, message.trace)
        line.extra = message.extra
        return self._json(record, line) if self._as_json else _text(record, line)

    def _json(self, record: logging.LogRecord, message: LogMessage) -> str:
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "part": self._part,
            "logger": record.name,
            "message": message.text,
        }
        line |= message.fields
        if message.extra:
            line["fields"] = message.extra
        if message.trace:
            line["trace"] = message.trace
        return json.dumps(line, ensure_ascii=False)


def _text(record: logging.LogRecord, message: LogMessage) -> str:
    line = f"{_time(record)} {record.levelname} {record.name}: {message}"
    return "\n    ".join(
        [line, "Traceback without texts:", *message.trace] if message.trace else [line]
    )


def _time(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"
