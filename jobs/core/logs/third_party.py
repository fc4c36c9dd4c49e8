"""What may be said of records that other packages log: known templates with safe arguments.

Of anything else the log has the logger, the level and the class of the error.
"""

import logging
import re
from collections.abc import Mapping

from loresmith.jobs.core.logs.fields import MASK, WORD
from loresmith.jobs.core.logs.safe import SafeText, frames, own_text, safe
from loresmith.jobs.core.logs.structured_logger import LogMessage

ANSI = re.compile(r"\x1b\[[0-9;]*m|\x1b\([A-Z]|\x0f")
UNKNOWN = "a record whose text is not shown"
BARE_ERROR = "an error"
TEMPLATES: Mapping[str, frozenset[str]] = {
    "rq": frozenset(
        (
            "Worker %s: cleaning registries for queue: %s",
            "Worker %s: cold shut down",
            "Worker %s: done, quitting",
            "Worker %s: registering birth",
            "Worker %s: registering death",
            "Worker %s: started with PID %d, version %s",
            "Worker %s: subscribing to channel %s",
            "Worker %s: unsubscribing from channel %s",
            "Worker %s [PID %d]: warm shut down requested",
            "Worker %s: Redis connection timeout, quitting...",
            "Worker %s: found an unhandled exception, quitting...",
            "*** Listening on %s...",
        )
    ),
    "uvicorn": frozenset(
        (
            "Started server process [%d]",
            "Waiting for application startup.",
            "Application startup complete.",
            "Application startup failed. Exiting.",
            "Uvicorn running on %s://%s:%d (Press CTRL+C to quit)",
            "Shutting down",
            "Waiting for connections to close. (CTRL+C to force quit)",
            "Waiting for background tasks to complete. (CTRL+C to force quit)",
            "Waiting for application shutdown.",
            "Application shutdown complete.",
            "Finished server process [%d]",
            "Invalid HTTP request received.",
            "Exception in ASGI application\n",
            "ASGI callable returned without completing response.",
        )
    ),
}
PREFIXES = (
    "Task exception was never retrieved",
    "Future exception was never retrieved",
    "Task was destroyed but it is pending!",
    "Unclosed client session",
    "Unclosed connection",
    "Exception in callback",
    "socket.accept() out of system resource",
    "socket.send() raised exception",
)
"""Beginnings of asyncio's and aiohttp's messages, whose rest is the repr of an object."""
ACCESS = '%s - "%s %s HTTP/%s" %d'
WARNING = re.compile(r"(?s)(?P<file>\S+):(?P<line>\d+): (?P<category>\w+): .*")


def describe(record: logging.LogRecord) -> LogMessage:
    """Returns what may be logged of a record that is not ours."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None and isinstance(record.msg, BaseException):
        error = record.msg
    trace = frames(error) if error and record.exc_info else []
    reason: dict[str, object] = {"error": safe(error)} if error else {}
    arguments = record.args if isinstance(record.args, tuple) else ()
    template = str(record.msg) if isinstance(record.msg, str) else ""
    try:
        text, fields = _known(record.name, template, arguments)
    except (TypeError, ValueError):
        text, fields = UNKNOWN, {}
    if isinstance(record.msg, BaseException):
        text = BARE_ERROR
    return LogMessage(text, fields | reason, trace)


def _known(
    logger: str, template: str, arguments: tuple[object, ...]
) -> tuple[str, dict[str, object]]:
    if template == ACCESS:
        return _access(arguments)
    if logger == "py.warnings":
        return _warning(str(arguments[0]) if arguments else template)
    if "address already in use" in template:
        return "address already in use", {}
    if template in TEMPLATES.get(logger.partition(".")[0], ()):
        return (template % tuple(map(_word, arguments))).strip(), {}
    for prefix in PREFIXES:
        if template.startswith(prefix):
            return prefix, {}
    return UNKNOWN, {}


def _access(arguments: tuple[object, ...]) -> tuple[str, dict[str, object]]:
    address, method, target, _, status = arguments
    segments = str(target).partition("?")[0].split("/")
    path = "/".join(each if WORD.fullmatch(each) else MASK for each in segments)
    fields = {"address": address, "method": method, "route": path, "http_status": status}
    return "request", fields


def _warning(text: str) -> tuple[str, dict[str, object]]:
    """Keeps file, line and class of a warning of Python, not its text nor its source line."""
    if not (match := WARNING.match(text)):
        return "warning of Python", {}
    file: SafeText = own_text("/".join(match["file"].split("/")[-3:]))
    return "warning of Python", {
        "code": match["category"], "reason": file, "line": int(match["line"]),
    }  # fmt: skip


def _word(argument: object) -> object:
    if isinstance(argument, int | float):
        return argument
    text = ANSI.sub("", str(argument)).replace(", ", ",")
    return text if WORD.fullmatch(text) else MASK
