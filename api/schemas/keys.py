"""Requests and responses about API keys."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from loresmith.api.http.query import OneOf
from loresmith.api.http.scopes import SCOPES
from loresmith.api.schemas.base import ResponseModel
from loresmith.api.schemas.requests import Duration, Name, RequestModel
from loresmith.jobs.core.duration import DAY_S
from loresmith.jobs.core.principal import Role

ScopeWord = Annotated[str, OneOf(tuple(SCOPES))]


class KeyRequest(RequestModel):
    """The terms of a new API key."""

    name: Name = Field(description="What it is for, for people")
    role: Role = Field(default="member", description="What it may do at most")
    scopes: list[ScopeWord] | None = Field(
        default=None, min_length=1, description="Narrows it; all that its role allows if absent"
    )
    user_id: Name | None = Field(
        default=None, description="The user that it acts for; a user of its own if absent"
    )
    team_id: Name | None = Field(default=None, description="The team of that user")
    rpm: int | None = Field(
        default=None, ge=1, le=1_000_000, strict=True, description="Requests a minute; no limit"
    )
    expires_in: Annotated[Duration, Field(ge=60, le=3_660 * DAY_S)] = Field(
        default=90 * DAY_S, description="Seconds, or a text like `24h` or `90d`"
    )


class KeyRotation(RequestModel):
    """How to rotate an API key. The body is optional."""

    overlap: Annotated[Duration, Field(ge=0, le=90 * DAY_S)] = Field(
        default=DAY_S, description="How long the old secret stays valid; a text like `24h`, or 0"
    )


class PreviousSecret(ResponseModel):
    """The secret before the last rotation."""

    valid_until: datetime
    last_used_at: datetime | None = Field(description="Whether it may go; exact to a minute")


class KeyResponse(ResponseModel):
    """An API key without its secret."""

    id: str
    name: str
    role: Role
    scopes: list[str] | None = Field(description="null: all that the role allows")
    user_id: str
    team_id: str | None
    rpm: int | None
    state: Literal["active", "expiring", "expired", "revoked"] = Field(
        description="expiring: within 14 days"
    )
    created_at: datetime
    created_by: str = Field(description="The credential that made it")
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="Exact to a minute")
    previous: PreviousSecret | None


class NewKeyResponse(KeyResponse):
    """An API key with its secret, which is shown this once."""

    key: str = Field(description="Send it as `Authorization: Bearer …`")


class KeyListResponse(ResponseModel):
    """All API keys, the newest first."""

    keys: list[KeyResponse]
