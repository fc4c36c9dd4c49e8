"""The server's URL, and the key for it."""

import ipaddress
import os
from typing import Final
from urllib.parse import urlsplit

DEFAULT_URL: Final = "http://127.0.0.1:8080"


def server_url(url: str | None) -> str:
    """Returns `url`, else LORESMITH_URL, else the default. Raises ValueError for an invalid one."""
    chosen = url or os.environ.get("LORESMITH_URL") or DEFAULT_URL
    parts = urlsplit(chosen)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{chosen!r} is not the URL of a server; for example {DEFAULT_URL}")
    return chosen.rstrip("/")


def api_key_of(key: str | None) -> str:
    """Returns `key`, else LORESMITH_API_KEY, else ''. Raises ValueError, without repeating it."""
    chosen = (os.environ.get("LORESMITH_API_KEY", "") if key is None else key).strip()
    if not chosen.isascii() or not chosen.isprintable() or " " in chosen:
        raise ValueError("the API key has characters that no key has; copy it again")
    return chosen


def is_loopback(url: str) -> bool:
    """Whether the server runs on this machine, so that no HTTP proxy may be used for it.

    `jobs` has a check of the same kind; the client imports no other package.
    """
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
