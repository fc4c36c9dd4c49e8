"""Checks whether Redis, the api and the other processes work."""

import http.client
import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from loresmith.jobs.core import liveness

PROBE_TIMEOUT_S: Final = 2.0
MAX_REPLY_BYTES: Final = 1024


def redis_responds(url: str) -> bool:
    """Whether a Redis server accepts connections and has loaded its data, if it says so."""
    parts = urlsplit(url)
    try:
        with _connect(parts) as connection:
            if parts.scheme == "rediss":
                return True
            commands = [("AUTH", *_credentials(parts))] if parts.password else []
            connection.sendall(b"".join(map(_encoded, [*commands, ("PING",)])))
            with connection.makefile("rb") as replies:
                reply = [replies.readline(MAX_REPLY_BYTES) for _ in (*commands, "PING")][-1]
            return bool(reply) and not reply.startswith((b"-LOADING", b"-BUSY"))
    except (OSError, ValueError):
        return False


def process_fault(directory: Path, process: str) -> str:
    """Returns what is wrong with the workers or lore_services of a data folder; '' when nothing."""
    return liveness.fault(directory, process)


def api_fault(url: str) -> str:
    """Returns what is wrong with an api process; '' when nothing."""
    body = _get_json(url, "/healthz")
    status = body.get("status") if isinstance(body, dict) else None
    if status is None:
        return f"no response from {url}"
    return "" if status == "ok" else str(status)


def system_checks(url: str) -> dict[str, tuple[bool, str]] | None:
    """Returns the checks of the whole system: whether each is ok, and its detail."""
    body = _get_json(url, "/system")
    if not isinstance(body, dict) or not isinstance(body.get("checks"), dict):
        return None
    checks = body["checks"].items()
    return {name: (bool(check["ok"]), str(check["detail"])) for name, check in checks}


def failed_checks(url: str) -> dict[str, str] | None:
    """Returns what keeps a stack from working, of all processes; None without a response.

    Parts of other machines, or just killed ones, may have other job types: only their jobs wait.
    """
    checks = system_checks(url)
    if checks is None:
        return None
    return {name: detail for name, (ok, detail) in checks.items() if not ok and name != "job_types"}


def _connect(parts: SplitResult) -> socket.socket:
    if parts.scheme != "unix":
        address = (parts.hostname or "", parts.port or 6379)
        return socket.create_connection(address, PROBE_TIMEOUT_S)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PROBE_TIMEOUT_S)
    connection.connect(parts.path)
    return connection


def _credentials(parts: SplitResult) -> list[str]:
    """Returns the user name, unless it is the default one, and the password."""
    return [unquote(each) for each in (parts.username, parts.password) if each]


def _encoded(words: Sequence[str]) -> bytes:
    """Encodes a command in the protocol of Redis."""
    texts = [word.encode() for word in words]
    return b"*%d\r\n" % len(texts) + b"".join(b"$%d\r\n%s\r\n" % (len(t), t) for t in texts)


def _get_json(url: str, path: str) -> Any:
    """Returns the JSON of a response of any status; None without one."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", parts.path.rstrip("/") + path)
        return json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
