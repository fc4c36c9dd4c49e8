"""Checks texts of settings before anything uses them: secrets, addresses, names of models."""

import ipaddress
import re
import unicodedata
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from loresmith.jobs.core.logs import get_logger

log = get_logger(__name__)

REDIS_SCHEMES = ("redis", "rediss", "unix")
QUOTES = "\"'`‘’“”"


class SettingsError(ValueError):
    """A setting does not fit; the message names the variable, its value and the remedy."""


def printable(text: str) -> str:
    """Returns a text without the space around it. Raises ValueError, which does not repeat it.

    What is pasted often has invisible characters, quotes or line breaks, which a server refuses
    without naming them.
    """
    text = text.strip(" \t\r\n")
    for position, character in enumerate(text, 1):
        if character in QUOTES:
            raise ValueError(f"has a quote as its character {position}; write it without quotes")
        if not "!" <= character <= "~":
            raise ValueError(
                f"has {_name(character)} as its character {position}; copy or type it again: "
                "plain ASCII without spaces"
            )
    return text


def web_address(text: str) -> str:
    """Returns the address of a server. Raises ValueError, which does not repeat it."""
    url = _split(text)
    if url.username is not None or url.password is not None:
        raise ValueError(
            "has a user name or password in it; remove them, and set the key in its own variable"
        )
    if url.query or url.fragment:
        raise ValueError(
            "has a query or a fragment; remove it (api_version in the providers file sends the "
            "query parameter api-version)"
        )
    return url.geturl()


def redis_address(text: str) -> str:
    """Returns the address of a Redis-compatible server, password included. Raises ValueError, which
    does not repeat it.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in REDIS_SCHEMES and parts.port != 0
        # A # or / in the password ends the host's part, and the rest would be dropped.
        is_usable = is_usable and not parts.fragment and "@" not in parts.path
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ValueError(
            "cannot be read; write redis://user:password@host:port/0, rediss:// for TLS, or "
            "unix:///path/to/socket, with %23, %2F, %3A and %40 for #, /, : and @ in a password"
        )
    return url


def issuer_address(text: str) -> str:
    """Returns the address of an identity provider: https, or loopback. Raises ValueError."""
    url = web_address(text) if text else ""
    if url and not is_private_connection(url):
        raise ValueError("must begin with https://, because its answers decide who may log in")
    return url


def is_private_connection(url: str) -> bool:
    """Whether the network cannot change the answers of a server: https, or loopback."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def proxy_address(text: str) -> str:
    """Returns the address of a proxy, user name and password included. Raises ValueError."""
    return _split(text).geturl()


def secret_in(path: Path) -> str:
    """Reads a secret from a file. Raises ValueError, which does not repeat it."""
    try:
        text = path.read_text("utf-8").strip()
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError("is not a text file in UTF-8") from None
    if not text:
        raise ValueError("is empty; write the secret into it")
    warn_if_shared(path)
    return text


def warn_if_shared(path: Path) -> None:
    """Warns of a file with secrets that other users may read."""
    if path.stat().st_mode & 0o077:
        log.warning("other users can read the secrets in a file; set its mode to 0600", path=path)


def without_password(url: str) -> str:
    """Replaces the password of a URL by ***."""
    return re.sub(r"://([^:/@\s]*):\S*@", r"://\1:***@", url)


def _split(text: str) -> SplitResult:
    """Splits an address of a web server. Raises ValueError, which does not repeat it."""
    text = printable(text)
    if not text.lower().startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    try:
        url = urlsplit(text)
        is_usable = bool(url.hostname) and url.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ValueError("must be an address such as https://host:8000/v1")
    return url


def _name(character: str) -> str:
    name = unicodedata.name(character, "a control character")
    return f"U+{ord(character):04X} ({name.lower()})"
