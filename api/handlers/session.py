"""`/session`: the log-in of the page."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.auth.authenticator import Authenticator
from loresmith.api.auth.key_format import hash_of
from loresmith.api.auth.session_check import in_session
from loresmith.api.auth.session_cookie import session_cookie_of, set_session_cookie
from loresmith.api.auth.sessions import BrowserSession, KeyLogin, OidcLogin, SessionStore
from loresmith.api.http.audit import audit
from loresmith.api.http.body import parse_json, read_body, require_json, validate
from loresmith.api.http.problems import Problem
from loresmith.api.http.responses import JSONResponse
from loresmith.api.http.scopes import scopes_of
from loresmith.api.openapi.fragments import BODY_PROBLEMS
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.representation import timestamp
from loresmith.api.schemas.session import LoginMethod, LoginRequest
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.principal import LOCAL, Principal

log = get_logger(__name__)

MAX_LOGIN_BYTES = 4_096
"""Anybody may send such a body. A key has 51 characters."""
PROBLEMS = ("rate-limited", "temporary-reduced-capacity")


class SessionHandlers:
    """Opens, shows and ends browser sessions."""

    def __init__(
        self,
        sessions: SessionStore,
        authenticator: Authenticator,
        *,
        has_oidc: bool,
    ) -> None:
        self._sessions = sessions
        self._authenticator = authenticator
        self._methods: list[LoginMethod] = ["key", "oidc"] if has_oidc else ["key"]

    @operation(
        "Log in",
        {200: ResponseSpec("The session, and its cookie.", "SessionResponse", ("Set-Cookie",))},
        scope="public",
        problems=(*BODY_PROBLEMS, "unauthorized", *PROBLEMS),
        body="LoginRequest",
        example={"key": "lore_…"},
    )
    async def create(self, request: Request) -> Response:
        """Exchanges an API key for a cookie, which the page's own requests then carry. The session
        ends with the key, or with the secret that was used.
        """
        require_json(request)
        body = await read_body(request, MAX_LOGIN_BYTES)
        key = validate(LoginRequest, body, parse_json(body)).key.strip()
        principal = await self._authenticator.log_in(request, key)
        login = KeyLogin(key_id=principal.key_id or "", digest=hash_of(key))
        cookie, session = await open_session(request, self._sessions, login, principal)
        response = self._shown(in_session(principal, cookie, session))
        set_session_cookie(request, response, cookie, self._sessions.lifetime_s)
        return response

    @operation(
        "Read who is logged in",
        {200: ResponseSpec("Who the request acts for, and how to log in.", "SessionResponse")},
        scope="public",
        problems=("forbidden", *PROBLEMS),
    )
    async def read(self, request: Request) -> Response:
        """Answers 200 to a request without a valid credential too, with `login_required`."""
        try:
            return self._shown(await self._authenticator.authenticate(request))
        except Problem as problem:
            if problem.code != "unauthorized":
                raise
        response = self._shown(None)
        if session_cookie_of(request):
            set_session_cookie(request, response, "", 0)
        return response

    @operation(
        "Log out",
        {204: ResponseSpec("There is no session any more.", headers=("Set-Cookie",))},
        scope="public",
        problems=("temporary-reduced-capacity",),
    )
    async def delete(self, request: Request) -> Response:
        """Ends the session of the cookie, and its open event streams, in every process."""
        if cookie := session_cookie_of(request):
            session = await self._sessions.delete(cookie)
            if session:
                await audit(request, "session.logout", actor=session.login.principal_id)
        response = Response(status_code=204)
        set_session_cookie(request, response, "", 0)
        return response

    def _shown(self, principal: Principal | None) -> Response:
        ends_ms = principal.ends_ms if principal and principal.session_id else None
        return JSONResponse(
            {
                "login_required": principal is None,
                "login_methods": [] if principal == LOCAL else self._methods,
                "principal": _represent(principal) if principal else None,
                "expires_at": timestamp(str(ends_ms or 0)),
            }
        )


async def open_session(
    request: Request, sessions: SessionStore, login: KeyLogin | OidcLogin, principal: Principal
) -> tuple[str, BrowserSession]:
    """Returns the cookie of a new session, and the session. That of the same browser ends."""
    if previous := session_cookie_of(request):
        await sessions.delete(previous)
    cookie, session = await sessions.create(login)
    await audit(request, "session.login", actor=principal.id)
    log.info("session opened", principal=principal.id)
    return cookie, session


def _represent(principal: Principal) -> dict[str, Any]:
    return {
        "id": principal.id,
        "name": principal.name,
        "user_id": principal.user_id,
        "team_id": principal.team_id,
        "role": principal.role,
        "scopes": scopes_of(principal),
    }
