"""A job token in the query string: what an EventSource, which sends no headers, has.

It is taken out of the query before the request goes on, so that no log has it.
"""

from urllib.parse import parse_qsl

from starlette.types import Scope

TOKEN = "token"


def take_token(scope: Scope) -> None:
    """Moves the token of a request from its query string to its scope."""
    if TOKEN.encode() not in scope["query_string"]:
        return
    parts = scope["query_string"].decode("latin-1").split("&")
    tokens = [value for part in parts if (value := _token(part)) is not None]
    if tokens:
        rest = [part for part in parts if _token(part) is None]
        scope["query_string"] = "&".join(rest).encode("latin-1")
        scope["query_token"] = tokens[0]


def _token(part: str) -> str | None:
    """Returns the value of a part of a query when its name is `token`."""
    return dict(parse_qsl(part, keep_blank_values=True)).get(TOKEN)
