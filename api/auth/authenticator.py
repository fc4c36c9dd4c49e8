"""Finds the principal of a request from its credential."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, Protocol

from starlette.requests import Request

from loresmith.api.auth.failure_limit import FailureLimit
from loresmith.api.auth.session_cookie import session_cookie_of
from loresmith.api.http.forwarded import is_forwarded
from loresmith.api.http.problems import Problem
from loresmith.jobs.core.principal import LOCAL, Principal

JOB_TOKEN = "jt_"
CHALLENGE = {"WWW-Authenticate": "Bearer"}


class CredentialCheck(Protocol):
    """Knows one kind of credential."""

    async def authenticate(self, credential: str) -> Principal | None:
        """Returns whose credential it is; None when it is of another kind.

        Raises Problem `unauthorized` when it is of this kind and not valid.
        """


class KeyCheck(CredentialCheck, Protocol):
    """Knows API keys, and when one of them or a session has changed."""

    changes: int
    """Grows with each change that this process hears of."""


class Authenticator:
    """Asks the checks in turn. Fails closed: while Redis is away, so does a request."""

    def __init__(
        self,
        checks: Sequence[CredentialCheck],
        is_demanded: Callable[[Request], Awaitable[bool]],
        failures: FailureLimit | None = None,
        *,
        api_keys: KeyCheck,
        sessions: CredentialCheck,
    ) -> None:
        """`checks` know the credentials of headers, `api_keys` those that may open a session,
        `sessions` cookies. `is_demanded`: whether a request needs a credential; otherwise it is of
        LOCAL.
        """
        self._checks = checks
        self._api_keys = api_keys
        self._sessions = sessions
        self._is_demanded = is_demanded
        self.failures = failures or FailureLimit()

    async def authenticate(self, request: Request) -> Principal:
        """Returns who sends a request. Raises Problem, StoreUnavailable."""
        if not await self._is_demanded(request):
            return LOCAL
        if credential := credential_of(request):
            return await self._counted(request, self._checks, credential)
        if cookie := session_cookie_of(request):  # not counted: it cannot be guessed, and it ends
            return await _principal_of([self._sessions], cookie)
        detail = f"{MISSING} {FORWARDED}" if is_forwarded(request.scope) else MISSING
        raise Problem("unauthorized", detail, headers=CHALLENGE)

    @property
    def changes(self) -> int:
        """Counts the changes of credentials: one that was valid before may not be so any more."""
        return self._api_keys.changes

    async def log_in(self, request: Request, key: str) -> Principal:
        """Returns who owns an API key. Raises Problem, StoreUnavailable."""
        return await self._counted(request, [self._api_keys], key)

    async def _counted(
        self, request: Request, checks: Sequence[CredentialCheck], credential: str
    ) -> Principal:
        try:
            return await _principal_of(checks, credential)
        except Problem as problem:
            self._fail(request, problem)

    def _fail(self, request: Request, problem: Problem) -> NoReturn:
        """Raises the problem, or `rate-limited` for an address with too many failures."""
        if problem.code == "unauthorized" and (
            wait_s := self.failures.count(client_address(request))
        ):
            raise rate_limited(
                "Too many failed authentications from your address. Correct the credential, then "
                f"wait {wait_s} s.",
                wait_s,
            )
        raise problem


async def _principal_of(checks: Sequence[CredentialCheck], credential: str) -> Principal:
    for check in checks:
        if principal := await check.authenticate(credential):
            return principal
    raise unauthorized("The credential has an unknown form.")


MISSING = (
    "This server needs a credential: send an API key as `Authorization: Bearer lore_…`. An admin "
    "makes one with `loresmith keys create`."
)
FORWARDED = (
    "No request through a reverse proxy is of the local admin. Make the first key on the server: "
    "`loresmith keys create admin --role admin --direct`."
)


def unauthorized(detail: str) -> Problem:
    """Returns the problem of an invalid credential."""
    return Problem("unauthorized", detail, headers=CHALLENGE)


@contextmanager
def ended_as(detail: str) -> Iterator[None]:
    """Says in the words of a session or token that the credential which it stands for has ended."""
    try:
        yield
    except Problem as problem:
        if problem.code != "unauthorized":
            raise
        raise unauthorized(detail) from None


def rate_limited(detail: str, seconds: int) -> Problem:
    """Returns the problem of too many requests."""
    return Problem("rate-limited", detail, headers={"Retry-After": str(seconds)})


def client_address(request: Request) -> str:
    """Returns whose failures count: the client's address, as a trusted proxy has seen it."""
    return request.client.host if request.client else ""


def credential_of(request: Request) -> str:
    """Returns the credential that a program has added to a request; '' without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if key := request.headers.get("x-api-key", "").strip():
        return key
    in_query: str = request.scope.get("query_token", "")
    return in_query if in_query.startswith(JOB_TOKEN) else ""
