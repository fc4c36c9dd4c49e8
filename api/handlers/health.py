"""`/healthz`, `/readyz` and `/system`: liveness, readiness, and the state of all processes."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.services.health_checks import HealthCheck, HealthChecks


class HealthHandlers:
    """The probes of load balancers and Kubernetes, and what people look at."""

    def __init__(self, checks: HealthChecks) -> None:
        self._checks = checks

    @operation(
        "Liveness",
        {
            200: ResponseSpec("The process works.", "HealthResponse"),
            503: ResponseSpec("The process needs a restart.", "HealthResponse"),
        },
        scope="public",
    )
    async def healthz(self, request: Request) -> Response:
        """Checks that the event loop and the background threads run. Checks neither Redis nor
        other processes; see /readyz.
        """
        if dead := self._checks.dead_parts():
            return JSONResponse({"status": f"dead: {', '.join(dead)}"}, 503)
        return JSONResponse({"status": "ok"})

    @operation(
        "Readiness",
        {
            200: ResponseSpec("This process can accept jobs.", "ReadinessResponse"),
            503: ResponseSpec("This process cannot accept jobs now.", "ReadinessResponse"),
        },
        scope="public",
    )
    async def readyz(self, request: Request) -> Response:
        """Checks that Redis accepts writes and is configured to lose nothing, and that this
        process looks after jobs that are due. Workers and the lore service are not checked:
        without them jobs are accepted and wait; see /system. `job_types` names those of them that
        have other job types.
        """
        checks = await self._checks.readiness()
        ready = all(check.ok for check in checks.values())
        body = {"status": "ready" if ready else "not ready", "checks": _shown(checks)}
        return JSONResponse(body, 200 if ready else 503, {} if ready else {"Retry-After": "2"})

    @operation("System state", {200: ResponseSpec("The checks.", "SystemResponse")}, scope="public")
    async def system(self, request: Request) -> Response:
        """Checks what /readyz does, that the lore service serves, that a worker is alive, and
        that all parts have the same job types.
        Always 200: `status` is `ok` or `degraded`.
        """
        checks = await self._checks.system()
        ok = all(check.ok for check in checks.values())
        return JSONResponse({"status": "ok" if ok else "degraded", "checks": _shown(checks)})


def _shown(checks: Mapping[str, HealthCheck]) -> dict[str, Any]:
    return {name: {"ok": check.ok, "detail": check.detail} for name, check in checks.items()}
