"""Conditional requests (RFC 9110): the ETags that a client has."""

from starlette.requests import Request


def known_etags(request: Request) -> set[str]:
    """Returns the ETags of the If-None-Match header, without the mark of weak ones."""
    value = request.headers.get("if-none-match", "")
    return {tag.strip().removeprefix("W/") for tag in value.split(",") if tag.strip()}


def matches_etag(request: Request, etag: str) -> bool:
    """Tells whether the client has the representation with this ETag (If-None-Match)."""
    known = known_etags(request)
    return "*" in known or etag in known
