"""`/session/oidc`: the log-in of the page at the identity provider."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from loresmith.api.auth.authenticator import client_address, rate_limited
from loresmith.api.auth.failure_limit import FailureLimit
from loresmith.api.auth.oidc_login import LoginAttempt, OidcLoginFlow
from loresmith.api.auth.session_check import SessionCheck
from loresmith.api.auth.session_cookie import (
    attempt_cookie_of,
    set_attempt_cookie,
    set_session_cookie,
)
from loresmith.api.auth.sessions import SessionStore
from loresmith.api.handlers.session import open_session
from loresmith.api.http.forwarded import client_path
from loresmith.api.http.params import Parameter
from loresmith.api.http.problems import Problem
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.jobs.core.logs import get_logger

log = get_logger(__name__)

RETURN = Parameter("return", "query", "The query of the page to come back to: `?job=…`")
CALLBACK_PARAMETERS = tuple(
    Parameter(name, "query", f"`{name}` of the provider's answer")
    for name in ("code", "state", "iss", "error")
)
ERRORS = {"unauthorized": "token", "forbidden": "role", "temporary-reduced-capacity": "provider"}
"""The problem as the page reads it."""


class OidcLoginHandlers:
    """Begins a log-in, and ends it. Without a provider both routes do not exist."""

    def __init__(self, flow: OidcLoginFlow | None, sessions: SessionStore) -> None:
        self._flow = flow
        self._sessions = sessions
        self._failures = FailureLimit()
        """Of callbacks alone: wrong API keys of others behind the same proxy do not count here."""

    @operation(
        "Log in at the identity provider",
        {303: ResponseSpec("To the provider.", headers=("Location", "Set-Cookie"))},
        scope="public",
        problems=("not-found",),
        parameters=(RETURN,),
    )
    async def begin(self, request: Request) -> Response:
        """Redirects to the provider, with a cookie that only this browser's callback fits."""
        flow = self._configured()
        attempt = LoginAttempt.begin(request.query_params.get("return", ""))
        try:
            target = await flow.authorization_url(attempt, _redirect_uri(request))
        except Problem as problem:
            return _failed(request, problem)
        response = RedirectResponse(target, 303)
        set_attempt_cookie(request, response, attempt.to_cookie())
        return response

    @operation(
        "End a log-in at the identity provider",
        {303: ResponseSpec("To the page, logged in or not.", headers=("Location", "Set-Cookie"))},
        scope="public",
        problems=("not-found", "rate-limited", "temporary-reduced-capacity"),
        parameters=CALLBACK_PARAMETERS,
    )
    async def callback(self, request: Request) -> Response:
        """Exchanges the provider's code for a session. The page shows what went wrong. An address
        with ten failures within a minute waits for its end: each code is a request to the provider.
        """
        flow, query = self._configured(), request.query_params
        if wait_s := self._failures.seconds_left(client_address(request)):
            raise rate_limited(
                f"Too many failed log-ins from your address. Wait {wait_s} s, then log in again.",
                wait_s,
            )
        attempt = LoginAttempt.from_cookie(attempt_cookie_of(request))
        is_ours = attempt and attempt.has_state(query.get("state", ""))
        if not attempt or not is_ours or query.get("iss", flow.issuer) != flow.issuer:
            self._failures.count(client_address(request))
            return _to_page(request, "state")
        if "code" not in query:
            log.info("log-in at the identity provider refused")
            return _to_page(request, "denied")
        try:
            login = await flow.log_in(attempt, query["code"], _redirect_uri(request))
        except Problem as problem:
            if problem.code != "temporary-reduced-capacity":
                self._failures.count(client_address(request))
            return _failed(request, problem)
        principal = SessionCheck.of_provider(login)
        cookie, _ = await open_session(request, self._sessions, login, principal)
        response = RedirectResponse(client_path("/") + _safe(attempt.page_query), 303)
        set_session_cookie(request, response, cookie, self._sessions.lifetime_s)
        set_attempt_cookie(request, response, "")
        return response

    def _configured(self) -> OidcLoginFlow:
        if self._flow is None:
            raise Problem("not-found", "This server has no log-in at an identity provider.")
        return self._flow


def _redirect_uri(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{client_path('/session/oidc/callback')}"


def _failed(request: Request, problem: Problem) -> Response:
    log.warning("log-in at the identity provider failed", code=problem.code)
    return _to_page(request, ERRORS.get(problem.code, "provider"))


def _to_page(request: Request, error: str) -> Response:
    response = RedirectResponse(client_path("/") + f"?login_error={error}", 303)
    set_attempt_cookie(request, response, "")
    return response


def _safe(page_query: str) -> str:
    """Returns the query again when it is one; the cookie could be anybody's."""
    return "?" + quote(page_query[1:], safe="=&%+~.-_!*'(),;:@/?") if page_query[:1] == "?" else ""
