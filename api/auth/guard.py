"""Stands before a route: who sends the request, and whether the scope of the route allows it.

Runs when the route is known and before its handler, so before the body is read.
"""

import time
from dataclasses import replace
from typing import Protocol

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loresmith.api.auth.api_key import EXPIRY_WARNING_MS
from loresmith.api.auth.authenticator import Authenticator, unauthorized
from loresmith.api.auth.refusals import RefusalAudit
from loresmith.api.http.audit import audit_entry
from loresmith.api.http.problems import Problem
from loresmith.api.http.scopes import PUBLIC, SCOPES, ScopeName, require_scope
from loresmith.api.schemas.representation import timestamp
from loresmith.jobs.core.principal import Principal

EXPIRY_HEADER = b"loresmith-key-expires"


class RouteAccess(Protocol):
    """What a route needs."""

    @property
    def scope(self) -> ScopeName: ...

    @property
    def job_token(self) -> bool: ...


class RouteGuard:
    """Puts the principal into the scope of a request. Raises Problem, StoreUnavailable."""

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        access: RouteAccess,
        refusals: RefusalAudit,
        *,
        sees_team: bool,
    ) -> None:
        self._app = app
        self._sees_team = sees_team
        self._authenticator = authenticator
        self._scope = access.scope
        self._takes_job_tokens = access.job_token
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._scope != PUBLIC:
            changes = self._authenticator.changes
            scope["principal"] = principal = await self._principal(scope)

            async def confirm() -> Principal:
                is_known = changes == self._authenticator.changes and not _is_over(principal)
                return principal if is_known else await self._principal(scope)

            scope["confirm_principal"] = confirm
            if principal.expires_ms and _is_soon(principal.expires_ms):
                send = _with_expiry(send, principal.expires_ms)
        await self._app(scope, receive, send)

    async def _principal(self, scope: Scope) -> Principal:
        """Returns who sends the request, and may. Raises Problem, StoreUnavailable."""
        principal = await self._authenticator.authenticate(Request(scope))
        if principal.job_id:
            self._require_job_action(principal)
        await self._require_scope(principal, scope)
        return replace(principal, sees_team=True) if self._sees_team else principal

    def _require_job_action(self, principal: Principal) -> None:
        """Raises Problem, as for a stranger, where a job token may not go. Another's job on a route
        that it may use is not found.
        """
        if not (self._takes_job_tokens and self._scope in (principal.scopes or ())):
            raise unauthorized(
                "The job token is not for this. It reaches one job, to read it"
                " or to cancel it, as its maker has said."
            )

    async def _require_scope(self, principal: Principal, scope: Scope) -> None:
        """Raises Problem; the audit shows those of routes for admins."""
        try:
            require_scope(principal, self._scope)
        except Problem:
            if SCOPES[self._scope].role == "admin":
                await self._record_refusal(principal, scope)
            raise

    async def _record_refusal(self, principal: Principal, scope: Scope) -> None:
        route = f"{scope['method']} {scope['path']}"
        entry = audit_entry(principal.id, "access.refused", route, request=Request(scope))
        await self._refusals.refused(self, entry)


def _is_over(principal: Principal) -> bool:
    return principal.ends_ms is not None and principal.ends_ms <= time.time() * 1000


def _is_soon(expires_ms: int) -> bool:
    return expires_ms - EXPIRY_WARNING_MS <= time.time() * 1000


def _with_expiry(send: Send, expires_ms: int) -> Send:
    """Adds the end of the credential to the headers of the response."""
    header = (EXPIRY_HEADER, (timestamp(str(expires_ms)) or "").encode())

    async def send_with_expiry(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), header]
        await send(message)

    return send_with_expiry
