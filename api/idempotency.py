"""The Idempotency-Key: the same key and the same request are the same job."""

import hashlib
import re
from collections.abc import Callable

from starlette.datastructures import Headers

from api.problems import Problem, header, invalid
from jobs import keys

NAMES = ("Idempotency-Key", "X-Idempotency-Key")
BARE = re.compile(r"[A-Za-z0-9_\-:.]{8,255}")
QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){8,255})"')


def key_of(headers: Headers) -> str | None:
    """The key of a request, bare or quoted (RFC 8941), or None. Raises Problem."""
    given = {unquoted(header, name, value) for name in NAMES for value in headers.getlist(name)}
    if len(given) > 1:
        raise Problem(
            "conflicting-fields",
            "Idempotency-Key and X-Idempotency-Key are two names of one header and differ.",
            errors=[header(name, "differs from the other one") for name in NAMES],
        )
    return given.pop() if given else None


def slot(principal: str, route: str, key: str) -> str:
    """The Redis key under which a route remembers the job of a principal's key."""
    digest = hashlib.sha256(f"{route}\n{key}".encode()).hexdigest()
    return keys.idempotency(principal, digest)


def unquoted(fault: Callable[[str, str], dict[str, str]], name: str, value: str) -> str:
    """A key as it was meant, bare or quoted. Raises Problem: with the fault of the named place."""
    if BARE.fullmatch(value):
        return value
    if quoted := QUOTED.fullmatch(value):
        return re.sub(r"\\(.)", r"\1", quoted[1])
    allowed = "8 to 255 of A-Z a-z 0-9 _ - : . (or any printable ASCII in double quotes)"
    raise invalid(fault(name, f"must be {allowed}"))
