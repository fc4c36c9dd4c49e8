"""Responses that tell what was deleted."""

from datetime import datetime

from pydantic import Field

from loresmith.api.schemas.base import ResponseModel
from loresmith.jobs.core.status import Status


class CleanupResponse(ResponseModel):
    """The outcome of a cleanup."""

    matched: int = Field(description="Ended jobs that are older, at most 1,000")
    by_status: dict[Status, int] = Field(description="The matching jobs by status")
    deleted: int
    older_than_s: float
    ended_before: datetime = Field(description="The latest end of a matching job")
    more: bool = Field(description="There are more jobs than one request deletes")
    dry_run: bool


class ErasureResponse(ResponseModel):
    """What was erased of a user, and what remains."""

    user_id: str
    jobs: int = Field(description="Deleted jobs")
    cached_responses: int
    worlds: int
    remaining: int = Field(description="Jobs that are still there: repeat the request")
    unfinished: int = Field(description="Those of them that are being cancelled")
