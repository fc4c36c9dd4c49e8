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
    "jobs:write": Scope("member", "create, cancel, retry and delete jobs"),
    ON_BEHALF_OF: Scope("member", "create jobs of other users, and read and change those"),
    "usage": Scope("viewer", "read budgets and the usage report"),
    "budgets": Scope("admin", "set and delete budgets"),
    "cleanup": Scope("admin", "delete the ended jobs of everybody"),
    "keys": Scope("admin", "create, list, rotate and revoke API keys"),
    "audit": Scope("admin", "read who changed what"),
}


def require_scope(principal: Principal, scope: ScopeName) -> None:
    """Raises Problem unless the principal may use the routes of a scope."""
    needed = SCOPES[scope].role
    if ROLES.index(principal.role) < ROLES.index(needed):
        raise Problem(
            "forbidden", f"This route needs the role {needed}; yours is {principal.role}."
        )
    if principal.scopes is not None and scope not in principal.scopes:
        raise Problem(
            "forbidden", f"This route needs the scope {scope}, which your credential does not have."
        )
