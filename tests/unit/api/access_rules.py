"""What each route answers to whom: one row for a route."""

from dataclasses import dataclass
from typing import Any, Literal

from tests.unit.api.harness import BODY

Object = Literal["none", "job", "world", "budget", "key", "user", "chat", "response"]
CHAT = {"messages": [{"role": "user", "content": "Hello"}]}
Role = Literal["viewer", "member", "admin"]
ROLES = ("viewer", "member", "admin")
UNKNOWN = {"none", "revoked", "expired"}
"""Principals whose credential is missing or not valid."""


@dataclass(frozen=True)
class AccessCell:
    """A principal that asks a route about an object of a team."""

    principal: str
    role: str
    """Its role; '' for an unknown one."""
    is_own: bool
    """The object belongs to the principal's user."""


@dataclass(frozen=True)
class AccessRule:
    """What a route needs, and what it answers when all is well."""

    status: int = 200
    role: Role | None = "viewer"
    """The least role that may ask; None: everybody, without a credential."""
    of: Object = "none"
    """What the path names. Another's is a 404."""
    shows: bool = False
    """The answer is a list that has the object in it exactly where it may be seen."""
    state: Literal["pending", "completed", "failed"] = "pending"
    """The state of the job that it is asked about."""
    body: Any = None
    query: str = ""

    def expected(self, cell: AccessCell) -> int:
        """Returns the status for a principal."""
        if self.role is None:
            return self.status
        if cell.principal in UNKNOWN:
            return 401
        if ROLES.index(cell.role) < ROLES.index(self.role):
            return 403
        if self.of == "user":
            return self.status if self.is_visible(cell) else 403
        is_owned = self.of in ("job", "world", "budget", "chat", "response")
        return self.status if not is_owned or self.is_visible(cell) else 404

    def is_visible(self, cell: AccessCell) -> bool:
        return cell.role == "admin" or (cell.is_own and cell.principal not in UNKNOWN)


def _job(status: int = 200, **terms: Any) -> AccessRule:
    return AccessRule(status, of="job", **terms)


def _change(status: int = 200, **terms: Any) -> AccessRule:
    return AccessRule(status, "member", of="job", **terms)


def _admin(status: int = 200, **terms: Any) -> AccessRule:
    return AccessRule(status, "admin", **terms)


PUBLIC = AccessRule(role=None)
LIST = AccessRule(shows=True)
RULES: dict[str, AccessRule] = {
    "GET /": PUBLIC,
    "GET /docs": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /openapi.json": PUBLIC,
    "GET /problems/{code}": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /static/{path}": PUBLIC,
    "GET /system": PUBLIC,
    "GET /job-types": AccessRule(),
    "POST /jobs": AccessRule(202, "member", body=BODY),
    "GET /jobs": LIST,
    "POST /jobs/estimate": AccessRule(body=BODY),
    "GET /jobs/stats": AccessRule(),
    "POST /jobs/cleanup": _admin(),
    "GET /jobs/{id}": _job(),
    "PUT /jobs/{id}": _change(body=BODY),
    "DELETE /jobs/{id}": _change(204, state="completed"),
    "GET /jobs/{id}/result": _job(state="completed"),
    "GET /jobs/{id}/calls": _job(),
    "GET /jobs/{id}/events": _job(state="completed"),
    "POST /jobs/{id}/cancel": _change(),
    "POST /jobs/{id}/seen": _change(204, state="completed"),
    "POST /jobs/{id}/retry": _change(202, state="failed"),
    "POST /jobs/{id}/token": _job(201),
    "GET /events": LIST,
    "POST /v1/chat/completions": AccessRule(409, "member", body=CHAT | {"model": "m"}),
    "GET /v1/chat/completions/{id}": AccessRule(of="chat", state="completed"),
    "DELETE /v1/chat/completions/{id}": AccessRule(200, "member", of="chat", state="completed"),
    "POST /v1/responses": AccessRule(
        role="member", body={"model": "m", "input": "Hello", "background": True}
    ),
    "GET /v1/responses/{id}": AccessRule(of="response"),
    "DELETE /v1/responses/{id}": AccessRule(200, "member", of="response", state="completed"),
    "POST /v1/responses/{id}/cancel": AccessRule(200, "member", of="response"),
    "GET /v1/models": AccessRule(),
    "GET /v1/models/{id}": AccessRule(),
    "GET /audit": _admin(),
    "GET /audit/check": _admin(),
    "GET /budgets": LIST,
    "GET /budgets/{scope}/{id}": AccessRule(of="budget"),
    "PUT /budgets/{scope}/{id}": _admin(of="budget", body={"limit": 5.0}),
    "DELETE /budgets/{scope}/{id}": _admin(204, of="budget"),
    "GET /limits": _admin(),
    "GET /limits/pools/{pool}": _admin(),
    "PUT /limits/pools/{pool}": _admin(body={"concurrency": 5}),
    "DELETE /limits/pools/{pool}": _admin(204),
    "GET /limits/owners/{scope}/{id}": _admin(),
    "PUT /limits/owners/{scope}/{id}": _admin(body={"weight": 2.0}),
    "DELETE /limits/owners/{scope}/{id}": _admin(204),
    "GET /queue": _admin(),
    "POST /queue/pause": _admin(body={"scope": "type", "name": "create_world"}),
    "POST /queue/resume": _admin(body={"scope": "type", "name": "create_world"}),
    "GET /workers": _admin(),
    "POST /workers/{name}/drain": _admin(404),
    "GET /session": PUBLIC,
    "GET /session/oidc": AccessRule(404, role=None),
    "GET /session/oidc/callback": AccessRule(404, role=None),
    "POST /session": AccessRule(401, role=None, body={"key": "lore_unknown"}),
    "DELETE /session": AccessRule(204, role=None),
    "GET /usage": AccessRule(shows=True, query="group_by=user"),
    "DELETE /users/{id}/data": AccessRule(200, "member", of="user", query="cancel=true"),
    "GET /worlds": AccessRule(shows=True, query="user_id={user}"),
    "GET /worlds/{id}": AccessRule(of="world"),
    "GET /keys": _admin(),
    "POST /keys": _admin(201, body={"name": "new"}),
    "GET /keys/{id}": _admin(of="key"),
    "DELETE /keys/{id}": _admin(of="key"),
    "POST /keys/{id}/rotate": _admin(of="key"),
    "POST /keys/{id}/revoke": _admin(of="key"),
}
"""By method and path, as in /openapi.json. A route without a row fails the test of the matrix."""
