"""Builds the api as an ASGI app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from loresmith.api.auth.authenticator import Authenticator
from loresmith.api.auth.guard import RouteGuard
from loresmith.api.auth.refusals import RefusalAudit
from loresmith.api.auth.start_check import has_proxy
from loresmith.api.dependencies import Dependencies
from loresmith.api.http.audit import AuditLog
from loresmith.api.http.forwarded import ProxyHeaders, is_forwarded
from loresmith.api.http.hosts import AllowedHosts
from loresmith.api.http.middleware import SecurityMiddleware
from loresmith.api.http.origins import AllowedOrigins
from loresmith.api.openapi.operation import operation_of
from loresmith.api.routes import routes


def create_app(parts: Dependencies, *, public: bool = False) -> ASGIApp:
    """Returns the ASGI app. `public`: accept other host names than those of loopback.

    A guard in front of each route asks who sends a request. Uses Starlette's router without its
    application, whose error handling the middleware replaces.
    """

    audit_log = AuditLog(parts.pipeline)
    refusals = RefusalAudit(audit_log)

    @asynccontextmanager
    async def lifespan(router: object) -> AsyncIterator[None]:
        parts.start()
        try:
            async with refusals.flushing():
                yield
        finally:
            await parts.close()

    authenticator = authenticator_of(parts, public=public)
    table = routes(parts, authenticator)
    sees_team = parts.settings.team_jobs == "team"
    _guard(table, authenticator, refusals, sees_team=sees_team)
    router = Router(table, redirect_slashes=False, lifespan=lifespan)
    settings = parts.settings
    return SecurityMiddleware(
        router,
        hosts=AllowedHosts(settings.hosts, public=public),
        origins=AllowedOrigins(settings.cors_origins),
        proxy_headers=ProxyHeaders(settings.trusted_proxies, settings.root_path),
        audit_log=audit_log,
    )


def authenticator_of(parts: Dependencies, *, public: bool) -> Authenticator:
    """Returns what finds the principal of a request; on loopback it may be anybody's.

    Behind a reverse proxy everybody comes from loopback, so that address says nothing there.
    """
    settings = parts.settings
    trusts_proxy = settings.auth == "proxy"
    is_proxied = has_proxy(settings) and not trusts_proxy
    always = public or settings.auth == "required" or bool(settings.oidc_issuer) or is_proxied

    async def is_demanded(request: Request) -> bool:
        forwarded = is_forwarded(request.scope) and not trusts_proxy
        return always or forwarded or await parts.api_keys.any()

    return Authenticator(
        parts.credential_checks, is_demanded, api_keys=parts.api_keys, sessions=parts.sessions
    )


def _guard(
    table: list[Route], authenticator: Authenticator, refusals: RefusalAudit, *, sees_team: bool
) -> None:
    for route in table:
        operation = operation_of(route.endpoint)
        route.app = RouteGuard(route.app, authenticator, operation, refusals, sees_team=sees_team)
