"""The operations on API keys, which need the key of an admin."""

from typing import Any
from urllib.parse import quote

from loresmith.client.pagination import list_member
from loresmith.client.protocol import Exchange, request
from loresmith.client.retry import Sender


def keys(sender: Sender) -> Exchange[list[dict[str, Any]]]:
    """Lists all API keys without their secrets, the newest first."""
    return list_member((yield from sender.json_object(request("GET", "/keys"))), "keys")


def create_key(sender: Sender, /, name: str, **terms: Any) -> Exchange[dict[str, Any]]:
    """Creates an API key; `key` of the answer is its secret, shown this once. The terms are those
    of `POST /keys`, for example role="viewer", expires_in="30d". Raises ProblemError.
    """
    body = {name: value for name, value in terms.items() if value is not None} | {"name": name}
    return (yield from sender.json_object(request("POST", "/keys", body)))


def rotate_key(sender: Sender, key_id: str, *, overlap: str = "24h") -> Exchange[dict[str, Any]]:
    """Gives a key a new secret; the old one stays valid for `overlap`. Raises ProblemError."""
    body = {"overlap": overlap}
    return (yield from sender.json_object(request("POST", _path(key_id, "/rotate"), body)))


def revoke_key(sender: Sender, key_id: str) -> Exchange[dict[str, Any]]:
    """Ends a key at once, and returns it. Raises ProblemError (`key-not-found`)."""
    return (yield from sender.json_object(request("POST", _path(key_id, "/revoke"))))


def _path(key_id: str, action: str) -> str:
    return f"/keys/{quote(key_id, safe='')}{action}"
