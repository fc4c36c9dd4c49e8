"""The cookie of a browser session.

`SameSite=Strict`: no other site's link or form sends it. The page itself is public, so a link from
a chat still opens it, and its own requests then carry the cookie.
"""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.forwarded import ROOT_PATH

SECURE_COOKIE, PLAIN_COOKIE = "__Host-lore", "lore"
"""Over https and http. Browsers take a `__Host-` cookie from this very host and https only."""
ATTEMPT_S = 600
"""How long a log-in at the identity provider may take."""


def session_cookie_of(request: Request) -> str:
    """Returns the session cookie of a request; '' without one."""
    return request.cookies.get(_name(request), "")


def set_session_cookie(request: Request, response: Response, value: str, lifetime_s: int) -> None:
    """Adds the cookie to a response; with the lifetime 0 it ends."""
    _set(request, response, _name(request), value, lifetime_s, "strict")


def attempt_cookie_of(request: Request) -> str:
    """Returns the cookie of a log-in at the identity provider; '' without one."""
    return request.cookies.get(f"{_name(request)}-oidc", "")


def set_attempt_cookie(request: Request, response: Response, value: str) -> None:
    """Adds that cookie, or ends it. `SameSite=Lax`: the provider leads the browser back."""
    _set(request, response, f"{_name(request)}-oidc", value, ATTEMPT_S if value else 0, "lax")


def _set(
    request: Request,
    response: Response,
    name: str,
    value: str,
    lifetime_s: int,
    same_site: Literal["lax", "strict"],
) -> None:
    is_secure = request.url.scheme == "https"
    response.set_cookie(
        name,
        value,
        max_age=lifetime_s,
        path="/" if is_secure else ROOT_PATH.get() or "/",
        secure=is_secure,
        httponly=True,
        samesite=same_site,
    )


def _name(request: Request) -> str:
    return SECURE_COOKIE if request.url.scheme == "https" else PLAIN_COOKIE
