"""Responses about the audit."""

from datetime import datetime
from typing import Any

from pydantic import Field

from loresmith.api.schemas.base import ResponseModel


class AuditRecordResponse(ResponseModel):
    """An action."""

    number: int
    at: datetime
    actor: str = Field(description="The principal: `local`, `key:<id>`, `oidc:<subject>`")
    action: str = Field(description="What it did, for example `budget.put`")
    object: str = Field(description="What it did it to, for example `budget user:anna`")
    before: Any = Field(description="The settings before; null without any")
    after: Any
    request_id: str
    address: str = Field(description="The address of the client, as a trusted proxy saw it")
    hash: str = Field(description="SHA-256 of the previous hash and this row")


class AuditResponse(ResponseModel):
    """A page of the audit."""

    records: list[AuditRecordResponse]
    next_cursor: str | None
    pending: int = Field(description="Actions that are not archived yet")


class AuditCheckResponse(ResponseModel):
    """Whether the rows fit their hashes."""

    rows: int = Field(description="Rows that fit")
    intact: bool
    broken_at: int | None = Field(description="The number of the first row that does not fit")
    last_hash: str = Field(description="Keep it elsewhere: it proves all rows up to this one")
