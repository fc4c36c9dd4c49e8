"""The logger of job types: a constant message, and fields of the author's choice.

Unlike our own loggers it writes what it is given, shortened and on one line: whether that is
content of a user is the author's decision.
"""

import logging
import math

from loresmith.jobs.core.logs.fields import MAX_CHARACTERS
from loresmith.jobs.core.logs.structured_logger import LogMessage

LOGGER = "loresmith.job_types.{}"
MAX_FIELDS = 20


class JobTypeMessage(LogMessage):
    """What a job type logs. `extra` are its fields."""

    def __init__(self, text: str, extra: dict[str, object]) -> None:
        super().__init__(one_line(text), {}, [])
        shown = list(extra.items())[:MAX_FIELDS]
        self.extra = {name: _value(value) for name, value in shown}


class JobTypeLogger:
    """Logs for one job type; the formatter adds the id of the job."""

    def __init__(self, job_type: str) -> None:
        self._logger = logging.getLogger(LOGGER.format(job_type))

    def debug(self, message: str, **fields: object) -> None:
        self._log(logging.DEBUG, message, fields)

    def info(self, message: str, **fields: object) -> None:
        self._log(logging.INFO, message, fields)

    def warning(self, message: str, **fields: object) -> None:
        self._log(logging.WARNING, message, fields)

    def error(self, message: str, **fields: object) -> None:
        self._log(logging.ERROR, message, fields)

    def _log(self, level: int, message: str, fields: dict[str, object]) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, JobTypeMessage(message, fields))


def _value(value: object) -> object:
    is_number = isinstance(value, bool | int | float) and math.isfinite(value)
    return value if is_number else one_line(str(value))


def one_line(text: str, at_most: int = MAX_CHARACTERS) -> str:
    """Returns a text without line breaks and control characters, shortened to a length."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return shown if len(shown) <= at_most else f"{shown[: at_most - 1]}…"
