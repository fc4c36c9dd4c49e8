"""Finds the principal of a request from its credential."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn, Protocol

from starlette.requests import Request

from loresmith.api.auth.failure_limit import FailureLimit
from loresmith.api.http.problems import Problem
from loresmith.jobs.core.principal import LOCAL, Principal

SESSION_COOKIES = ("__Host-lore", "lore")
JOB_TOKEN = "jt_"
CHALLENGE = {"WWW-Authenticate": "Bearer"}


class CredentialCheck(Protocol):
    """Knows one kind of credential."""

    async def authenticate(self, credential: str) -> Principal | None:
        """Returns whose credential it is; None when it is of another kind.

        Raises Problem `unauthorized` when it is of this kind and not valid.
        """


class Authenticator:
    """Asks the checks in turn. Fails closed: while Redis is away, so does a request."""

    def __init__(
        self,
        checks: Sequence[CredentialCheck],
        is_demanded: Callable[[], Awaitable[bool]],
        failures: FailureLimit | None = None,
    ) -> None:
        """`is_demanded`: whether requests need a credential; otherwise all are of LOCAL."""
        self._checks = checks
        self._is_demanded = is_demanded
        self.failures = failures or FailureLimit()

    async def authenticate(self, request: Request) -> Principal:
        """Returns who sends a request. Raises Problem, StoreUnavailable."""
        if not await self._is_demanded():
            return LOCAL
        credential = credential_of(request)
        if not credential:
            raise Problem("unauthorized", MISSING, headers=CHALLENGE)
        try:
            return await self._principal_of(credential)
        except Problem as problem:
            self._fail(request, problem)

    async def _principal_of(self, credential: str) -> Principal:
        for check in self._checks:
            if principal := await check.authenticate(credential):
                return principal
        raise unauthorized("The credential is of no kind that this server knows.")

    def _fail(self, request: Request, problem: Problem) -> NoReturn:
        """Raises the problem, or `rate-limited` for an address with too many failures."""
        address = request.client.host if request.client else ""
        if problem.code == "unauthorized" and (wait_s := self.failures.count(address)):
            raise rate_limited(
                "Too many failed authentications from your address. Correct the credential, then "
                f"wait {wait_s} s.",
                wait_s,
            )
        raise problem


MISSING = (
    "This server needs a credential: send an API key as `Authorization: Bearer lore_…`. An admin "
    "makes one with `loresmith keys create`."
)


def unauthorized(detail: str) -> Problem:
    """Returns the problem of an invalid credential."""
    return Problem("unauthorized", detail, headers=CHALLENGE)


def rate_limited(detail: str, seconds: int) -> Problem:
    """Returns the problem of too many requests."""
    return Problem("rate-limited", detail, headers={"Retry-After": str(seconds)})


def credential_of(request: Request) -> str:
    """Returns the credential of a request; '' without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if key := request.headers.get("x-api-key", "").strip():
        return key
    for name in SESSION_COOKIES:
        if session := request.cookies.get(name):
            return session
    token = request.query_params.get("token", "")
    return token if token.startswith(JOB_TOKEN) else ""
