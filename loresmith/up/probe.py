"""Whether parts are ready, asked as anybody else would ask."""

import http.client
import json
import socket
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

PATIENCE_S: Final = 2.0


def redis_answers(url: str) -> bool:
    """Whether a server accepts connections and, if it talks to strangers, has its data loaded."""
    parts = urlsplit(url)
    try:
        with _connected(parts) as connection:
            if parts.scheme == "rediss":
                return True
            connection.sendall(b"PING\r\n")
            return not connection.recv(64).startswith((b"-LOADING", b"-BUSY"))
    except (OSError, ValueError):
        return False


def _connected(parts: SplitResult) -> socket.socket:
    if parts.scheme != "unix":
        return socket.create_connection((parts.hostname or "", parts.port or 6379), PATIENCE_S)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE_S)
    connection.connect(parts.path)
    return connection


def not_ready(url: str) -> dict[str, str] | None:
    """What an api lacks, by the name of the check; {} when nothing, None without an answer."""
    answer = _get(url, "/readyz")
    if not isinstance(answer, dict) or not isinstance(answer.get("checks"), dict):
        return None
    checks = answer["checks"].items()
    return {name: str(check["detail"]) for name, check in checks if not check["ok"]}


def _get(url: str, path: str) -> Any:
    """The JSON of an answer, whatever its status; None when there is none."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
