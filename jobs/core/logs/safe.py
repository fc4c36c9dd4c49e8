"""Describes an error without the texts that other code put into it.

The message of an exception may quote a prompt, an answer, a row or a key. So a log shows its class,
a known code, and a message only where the class promises a constant one (`safe_to_log = True`) or
the message fits one of our templates.
"""

import os
import re
from pathlib import Path
from types import TracebackType

MAX_CAUSES = 4
MAX_FRAMES = 30
CODE = re.compile(r"[A-Z][A-Z0-9_]{1,39}|\d{1,5}|[0-9A-Z]{5}|[a-z][a-z0-9_]{1,39}")
REDIS_CODES = frozenset(
    (
        "BUSY", "CLUSTERDOWN", "CROSSSLOT", "EXECABORT", "FAILOVER", "LOADING", "MASTERDOWN",
        "MISCONF", "NOAUTH", "NOPERM", "NOREPLICAS", "NOSCRIPT", "OOM", "READONLY", "TRYAGAIN",
        "UNBLOCKED", "WRONGPASS", "WRONGTYPE",
    )
)  # fmt: skip
REDIS_CODE = re.compile(r"(?:^|-)([A-Z]{3,})(?= |$)")
ERRNO = re.compile(r"(?:\[Errno |^Error |: \(|while (?:reading from|writing to) .*?\()(-?\d+)")
TEMPLATES = (
    (
        r"There exists an active worker named '([\w.:@-]+)' already",
        r"There exists an active worker named '\1' already",
    ),
    (r"(?s).*invalid username-password pair.*", "the server refuses the user name or the password"),
    (r"(?s).*Authentication required.*", "the server asks for a password"),
    (r"Connection closed by server\.?", "the connection was closed"),
    (r"Timeout (?:connecting|reading).*", "timeout"),
    (r"(?s).*\baddress already in use", "address already in use"),
    (r"(?s).*Name or service not known.*", "the host name is not known"),
    (r"(?s).*Temporary failure in name resolution.*", "the host name cannot be looked up"),
    (r"Too many connections|No connection available\.?", "too many connections"),
    (r"can't start new thread", "can't start new thread"),
    (r"(?s).*database is locked.*", "the database is locked"),
    (r"(?s).*unable to open database file.*", "the database file cannot be opened"),
    (r"(?s).*no such table.*", "a table is missing"),
)  # fmt: skip
"""Messages of other packages whose remedy a user needs, and what we say instead."""


class SafeText(str):
    """A text that may be logged: made by `safe` or `own_text` only."""


def own_text(text: object) -> SafeText:
    """Marks a text that our code made of constants, settings, ids and numbers.

    A test lists the modules that may do so.
    """
    return SafeText(" ".join(str(text).split()))


def safe(error: BaseException) -> SafeText:
    """Returns the class of an error and what may be said of it, with those of its causes."""
    parts: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(parts) < MAX_CAUSES:
        detail = _detail(cause)
        name = type(cause).__name__
        parts.append(f"{name}: {detail}" if detail else name)
        if detail:
            break
        cause = cause.__cause__
    return SafeText(" < ".join(parts))


def frames(error: BaseException) -> list[str]:
    """Returns file, line and function of each frame, of the causes too; no source and no text."""
    lines: list[str] = []
    cause: BaseException | None = error
    for _ in range(MAX_CAUSES):
        if cause is None:
            break
        if cause is not error:
            lines.append(f"after {safe(cause)}")
        lines += _frames(cause.__traceback__)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return lines


def _frames(traceback: TracebackType | None) -> list[str]:
    lines = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        file = "/".join(Path(code.co_filename).parts[-3:])
        lines.append(f"{file}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return lines[-MAX_FRAMES:]


def _detail(error: BaseException) -> str:
    if getattr(type(error), "safe_to_log", False):
        return " ".join(str(error).split())
    text = str(error)
    for pattern, template in TEMPLATES:
        if match := re.fullmatch(pattern, text):
            return match.expand(template)
    return _codes(error, text)


def _codes(error: BaseException, text: str) -> str:
    """Returns the error number or the code of a server, which are constants."""
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    module = type(error).__module__.partition(".")[0]
    if module == "redis":
        if known := [code for code in REDIS_CODE.findall(text) if code in REDIS_CODES]:
            return str(known[-1])
        if (match := ERRNO.search(text)) and int(match[1]) > 0:
            return os.strerror(int(match[1]))
    for name in ("code", "status_code", "sqlstate", "sqlite_errorname"):
        value = getattr(error, name, None)
        if callable(value) and module == "grpc":
            value = getattr(value(), "name", None)
        if isinstance(value, str | int) and CODE.fullmatch(str(value)):
            return str(value)
    original = getattr(error, "orig", None)
    return str(safe(original)) if isinstance(original, BaseException) else ""
