"""The Idempotency-Key header: repeating a request with its key returns the same job."""

import hashlib
import re
from collections.abc import Callable
from urllib.parse import quote

from starlette.datastructures import Headers

from loresmith.api.http.problems import Problem, header, validation_error
from loresmith.jobs.core.principal import LOCAL, Principal
from loresmith.jobs.store import keys

NAMES = ("Idempotency-Key", "X-Idempotency-Key")
BARE = re.compile(r"[A-Za-z0-9_\-:.]{8,255}")
QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){8,255})"')

ANONYMOUS = "anonymous"
"""The owner of the keys of a server without authentication, which is the local user."""


def idempotency_key(headers: Headers) -> str | None:
    """Returns the key of a request, bare or quoted (RFC 8941), or None. Raises Problem."""
    values = {unquoted(header, name, value) for name in NAMES for value in headers.getlist(name)}
    if len(values) > 1:
        raise Problem(
            "conflicting-fields",
            "Idempotency-Key and X-Idempotency-Key are the same header and have different values.",
            errors=[header(name, "differs from the other header") for name in NAMES],
        )
    return values.pop() if values else None


def idempotency_slot(principal: Principal, route: str, key: str) -> str:
    """Returns the Redis key that maps a user's key on a route to its job."""
    digest = hashlib.sha256(f"{route}\n{key}".encode()).hexdigest()
    user_id = principal.user_id
    owner = ANONYMOUS if user_id == LOCAL.user_id else f"user:{quote(user_id, safe='')}"
    return keys.idempotency(owner, digest)


def unquoted(error: Callable[[str, str], dict[str, str]], name: str, value: str) -> str:
    """Returns a bare or quoted key without quotes. Raises Problem with the `error` of `name`."""
    if BARE.fullmatch(value):
        return value
    if quoted := QUOTED.fullmatch(value):
        return re.sub(r"\\(.)", r"\1", quoted[1])
    allowed = "8 to 255 of A-Z a-z 0-9 _ - : . (or any printable ASCII in double quotes)"
    raise validation_error(error(name, f"must be {allowed}"))
