"""Where the server is."""

import os
from typing import Final
from urllib.parse import urlsplit

from jobs import config

DEFAULT_URL: Final = "http://127.0.0.1:8080"


def server(url: str | None) -> str:
    """The URL of the server. Raises ValueError for one that is none."""
    given = url or os.environ.get("LORESMITH_URL") or DEFAULT_URL
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{given!r} is not the URL of a server; for example {DEFAULT_URL}")
    return given.rstrip("/")


def is_loopback(url: str) -> bool:
    """A proxy of the environment must not be asked for a server on this machine."""
    return config.is_loopback(urlsplit(url).hostname or "")
