"""Requests and responses about browser sessions."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from loresmith.api.schemas.base import ResponseModel
from loresmith.api.schemas.requests import RequestModel
from loresmith.jobs.core.principal import Role

LoginMethod = Literal["key", "oidc"]


class LoginRequest(RequestModel):
    """A log-in with an API key."""

    key: str = Field(min_length=1, max_length=200, description="The API key: `lore_…`")


class PrincipalResponse(ResponseModel):
    """Who a request acts for."""

    id: str = Field(description="The credential: `key:<id>`, `oidc:<subject>` or `local`")
    name: str = Field(description="What people call it; empty if it has no name")
    user_id: str
    team_id: str | None
    role: Role
    scopes: list[str] = Field(description="What it may do")


class SessionResponse(ResponseModel):
    """Whether the page can be used, and by whom."""

    login_required: bool = Field(description="No request is answered before a log-in")
    login_methods: list[LoginMethod] = Field(
        description="key: `POST /session`; oidc: `GET /session/oidc`"
    )
    principal: PrincipalResponse | None = Field(description="null before a log-in")
    expires_at: datetime | None = Field(description="When the session ends; null without one")
