"""Requests and responses about job tokens."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from loresmith.api.schemas.base import ResponseModel
from loresmith.api.schemas.requests import Duration, RequestModel

Actions = list[Literal["read", "cancel"]]


class JobTokenRequest(RequestModel):
    """What a job token may do, and for how long. The body is optional."""

    actions: Actions = Field(default=["read"], min_length=1, max_length=2)
    expires_in: Annotated[Duration, Field(ge=10, le=3_600)] = Field(
        default=600, description="Seconds, or a text like `10m`; an hour at most"
    )


class JobTokenResponse(ResponseModel):
    """A job token, which is shown this once."""

    token: str = Field(description="Send it as `Authorization: Bearer …` or as `?token=…`")
    job_id: str
    actions: Actions
    expires_at: datetime
