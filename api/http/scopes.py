"""The scopes of the routes: what a credential may be narrowed to, and the role that each needs."""

from dataclasses import dataclass
from typing import Literal, get_args

from loresmith.api.http.problems import Problem
from loresmith.jobs.core.principal import ON_BEHALF_OF, Principal, Role

ScopeName = Literal[
    "public",
    "jobs:read",
    "jobs:write",
    "on-behalf-of",
    "usage",
    "budgets",
    "queue",
    "cleanup",
    "keys",
    "audit",
]

PUBLIC: ScopeName = "public"
"""Needs no credential."""
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do what those before it may."""


@dataclass(frozen=True)
class Scope:
    """A row of the table."""

    role: Role
    """The least role that may use its routes."""
    meaning: str


SCOPES: dict[ScopeName, Scope] = {
    "jobs:read": Scope("viewer", "read jobs, results, events, worlds, estimates and statistics"),
    "jobs:write": Scope("member", "create, cancel, retry and delete jobs; erase your own data"),
    ON_BEHALF_OF: Scope("member", "create jobs of other users, and read and change those"),
    "usage": Scope("viewer", "read budgets and the usage report"),
    "budgets": Scope("admin", "set and delete budgets"),
    "queue": Scope(
        "admin", "read and set limits; read, pause and resume the queue; list and drain workers"
    ),
    "cleanup": Scope("admin", "delete the ended jobs of everybody, and erase the data of a user"),
    "keys": Scope("admin", "create, list, rotate and revoke API keys"),
    "audit": Scope("admin", "read who changed what"),
}


def require_scope(principal: Principal, scope: ScopeName) -> None:
    """Raises Problem unless the principal may use the routes of a scope."""
    if not _has_role(principal, scope):
        needed = SCOPES[scope].role
        raise Problem(
            "forbidden", f"This route needs the role {needed}; yours is {principal.role}."
        )
    if not _is_within(principal, scope):
        raise Problem(
            "forbidden", f"This route needs the scope {scope}, which your credential does not have."
        )


def scopes_of(principal: Principal) -> list[ScopeName]:
    """Returns the scopes that a principal has by its role and its credential."""
    return [scope for scope in SCOPES if _has_scope(principal, scope)]


def _has_scope(principal: Principal, scope: ScopeName) -> bool:
    if scope == ON_BEHALF_OF:
        return principal.acts_for_others
    return _has_role(principal, scope) and _is_within(principal, scope)


def _has_role(principal: Principal, scope: ScopeName) -> bool:
    return ROLES.index(principal.role) >= ROLES.index(SCOPES[scope].role)


def _is_within(principal: Principal, scope: ScopeName) -> bool:
    return principal.scopes is None or scope in principal.scopes
