"""The logger of our own code: a constant message and listed fields."""

import logging
import sys
from typing import Unpack

from loresmith.jobs.core.logs.fields import LogFields, clean
from loresmith.jobs.core.logs.safe import frames, safe


class LogMessage:
    """What one call logs. Its text is the message with the fields behind it."""

    def __init__(self, text: str, fields: dict[str, object], trace: list[str]) -> None:
        self.text = text
        self.fields = clean(fields)
        self.trace = trace
        self.extra: dict[str, object] = {}
        """Fields of a job type's author, which are not listed."""

    def __str__(self) -> str:
        fields = [*self.extra.items(), *self.fields.items()]
        return " ".join([self.text, *(f"{name}={_shown(v)}" for name, v in fields)])


class StructuredLogger:
    """Logs constant messages with listed fields. An unlisted field is dropped."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, message: str, **fields: Unpack[LogFields]) -> None:
        self.log(logging.DEBUG, message, **fields)

    def info(self, message: str, **fields: Unpack[LogFields]) -> None:
        self.log(logging.INFO, message, **fields)

    def warning(self, message: str, **fields: Unpack[LogFields]) -> None:
        self.log(logging.WARNING, message, **fields)

    def error(self, message: str, **fields: Unpack[LogFields]) -> None:
        self.log(logging.ERROR, message, **fields)

    def exception(self, message: str, **fields: Unpack[LogFields]) -> None:
        """Logs an error with the class and the frames of the exception that is handled."""
        error = sys.exc_info()[1]
        if error is None:
            self.error(message, **fields)
        else:
            self.bug(message, error, **fields)

    def bug(self, message: str, caught: BaseException, /, **fields: Unpack[LogFields]) -> None:
        """Logs an error with the class and the frames of an exception."""
        if "error" not in fields:
            fields["error"] = safe(caught)
        message_with_trace = LogMessage(message, {**fields}, frames(caught))
        self._logger.log(logging.ERROR, message_with_trace)

    def only_to(self, handler: logging.Handler) -> None:
        """Writes to this handler only, from the level INFO."""
        self._logger.handlers = [handler]
        self._logger.propagate = False
        self._logger.setLevel(logging.INFO)

    def log(self, level: int, message: str, **fields: Unpack[LogFields]) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, LogMessage(message, {**fields}, []))


def get_logger(name: str) -> StructuredLogger:
    """Returns the logger of a module; pass `__name__`."""
    return StructuredLogger(name)


def _shown(value: object) -> str:
    text = f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return f'"{text}"' if " " in text else text
