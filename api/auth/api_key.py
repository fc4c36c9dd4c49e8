"""The record of an API key."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, Self, cast

from loresmith.api.auth.authenticator import unauthorized
from loresmith.api.auth.key_format import principal_id_of
from loresmith.api.http.problems import Problem
from loresmith.api.schemas.representation import timestamp
from loresmith.jobs.core.damaged_record import read_intact
from loresmith.jobs.core.principal import Principal, Role

EXPIRY_WARNING_MS = 14 * 86_400_000
"""A key warns of its end for so long."""


@dataclass(frozen=True)
class ApiKey:
    """A key as it is stored: the hash of its secret, and what it may do."""

    id: str
    name: str
    role: Role
    scopes: frozenset[str] | None
    user_id: str
    team_id: str | None
    rpm: int | None
    hash: str
    previous_hash: str | None
    previous_until_ms: int
    created_ms: int
    created_by: str
    expires_ms: int
    revoked_ms: int | None
    used_ms: int | None
    previous_used_ms: int | None

    @classmethod
    def of(cls, record: Mapping[str, str]) -> Self:
        """Reads a record of Redis. Raises DamagedRecord."""
        return read_intact(f"API key {record.get('id')}", lambda: cls._of(record))

    @classmethod
    def _of(cls, record: Mapping[str, str]) -> Self:
        def number(name: str) -> int | None:
            return int(record[name]) if record.get(name) else None

        return cls(
            id=record["id"],
            name=record["name"],
            role=cast(Role, record["role"]),
            scopes=frozenset(record["scopes"].split()) if record.get("scopes") else None,
            user_id=record["user_id"],
            team_id=record.get("team_id") or None,
            rpm=number("rpm"),
            hash=record["hash"],
            previous_hash=record.get("previous_hash"),
            previous_until_ms=number("previous_until_ms") or 0,
            created_ms=int(record["created_ms"]),
            created_by=record["created_by"],
            expires_ms=int(record["expires_ms"]),
            revoked_ms=number("revoked_ms"),
            used_ms=number("used_ms"),
            previous_used_ms=number("previous_used_ms"),
        )

    def require_valid(self, digest: str, now_ms: float) -> None:
        """Raises Problem unless the key of this hash may be used now."""
        if not self._matches(digest, now_ms):
            raise unknown_key()
        self.require_active(now_ms)

    def require_active(self, now_ms: float) -> None:
        """Raises Problem for a key that was revoked or has expired."""
        if self.revoked_ms is not None:
            raise unauthorized(f"The API key {self.id} was revoked. Use another one.")
        if self.expires_ms <= now_ms:
            raise unauthorized(
                f"The API key {self.id} has expired. An admin rotates it with "
                f"`loresmith keys rotate {self.id}`."
            )

    def _matches(self, digest: str, now_ms: float) -> bool:
        if hmac.compare_digest(digest, self.hash):
            return True
        previous = self.previous_hash if now_ms < self.previous_until_ms else None
        return previous is not None and hmac.compare_digest(digest, previous)

    def last_use_ms(self, digest: str) -> int:
        """Returns when one of its two secrets was last noted as used; 0 for never."""
        used_ms = self.used_ms if digest == self.hash else self.previous_used_ms
        return used_ms or 0

    def state(self, now_ms: float) -> Literal["active", "expiring", "expired", "revoked"]:
        if self.revoked_ms is not None:
            return "revoked"
        if self.expires_ms <= now_ms:
            return "expired"
        return "expiring" if self.expires_ms - EXPIRY_WARNING_MS <= now_ms else "active"

    def principal_by(self, digest: str) -> Principal:
        """Returns whom the key acts for with one of its secrets, which ends with its overlap."""
        ends_ms = self.expires_ms
        if not hmac.compare_digest(digest, self.hash):
            ends_ms = min(ends_ms, self.previous_until_ms)
        return replace(self.principal, ends_ms=ends_ms, key_digest=digest)

    @cached_property
    def principal(self) -> Principal:
        return Principal(
            id=principal_id_of(self.id),
            user_id=self.user_id,
            team_id=self.team_id,
            role=self.role,
            scopes=self.scopes,
            key_id=self.id,
            expires_ms=self.expires_ms,
            name=self.name,
        )


def represent_key(key: ApiKey) -> dict[str, Any]:
    """Returns the JSON object of a key, without its secret."""
    previous = {
        "valid_until": timestamp(str(key.previous_until_ms)),
        "last_used_at": timestamp(str(key.previous_used_ms or 0)),
    }
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "scopes": None if key.scopes is None else sorted(key.scopes),
        "user_id": key.user_id,
        "team_id": key.team_id,
        "rpm": key.rpm,
        "state": key.state(time.time() * 1000),
        "created_at": timestamp(str(key.created_ms)),
        "created_by": key.created_by,
        "expires_at": timestamp(str(key.expires_ms)),
        "revoked_at": timestamp(str(key.revoked_ms or 0)),
        "last_used_at": timestamp(str(key.used_ms or 0)),
        "previous": previous if key.previous_hash else None,
    }


def unknown_key() -> Problem:
    """Returns the problem of a key that is not stored, the same for an unknown id and secret."""
    return unauthorized("The API key is not valid. Check that it is copied whole.")
