"""The tables of this version. `archive/migrations/` creates them; a test compares both."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Index, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

MAX_NAME_LENGTH = 256
"""Maximum characters of an id or name chosen by clients; PostgreSQL must index it."""
MAX_KIND_LENGTH = 64
WORLD = "world"
"""The kind of a world."""
Owned = tuple[str, str]
"""A column that names an owner, user_id or team_id, and its value."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; SQLite, which has no time zones, stores UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables of the archive. Constraints have names, so that migrations can change them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


class IdentityRow(Base):
    """The random id of this archive, in one row that its migration writes."""

    __tablename__ = "identity"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)


class WorldRow(Base):
    """A world, or the result of another job type, by the id of the job that made it."""

    __tablename__ = "worlds"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    kind: Mapped[str] = mapped_column(String(MAX_KIND_LENGTH), server_default=WORLD)
    title: Mapped[str] = mapped_column(Text)
    theme: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # JSONB would forget the order of keys
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)

    __table_args__ = (Index(None, "user_id", "kind", "created_at", "id"),)


@dataclass(frozen=True, kw_only=True)
class EndedJob:
    """An ended job, as callers save it. A name that it does not have is ''."""

    id: str
    revision: int
    """The larger of two revisions of a job is stored."""
    status: str
    user_id: str
    team_id: str
    type: str
    model: str
    session_id: str
    created_at: datetime
    completed_at: datetime
    attempts: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_micros: int
    uncertain_micros: int
    """The part of the cost that is an upper bound: calls of unknown outcome."""
    estimate_micros: int | None
    """The expected cost, where it was known."""


class JobRow(Base):
    """An EndedJob, and the day of its end."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    team_id: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    type: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    model: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    session_id: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    day: Mapped[str] = mapped_column(String(10))
    """The day of its end, in UTC."""
    attempts: Mapped[int]
    calls: Mapped[int]
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    cost_micros: Mapped[int] = mapped_column(BigInteger)
    uncertain_micros: Mapped[int] = mapped_column(BigInteger)
    estimate_micros: Mapped[int | None] = mapped_column(BigInteger)


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """An action, as callers save it."""

    id: str
    at: datetime
    actor: str
    """The id of the principal."""
    action: str
    """What it did, for example `budget.put`."""
    object: str
    """What it did it to, for example `budget user:anna`; '' without an object."""
    before: str
    """The settings before, as JSON; '' where there are none."""
    after: str
    request_id: str
    address: str
    """The address of the client."""


class AuditRow(Base):
    """An AuditEntry with its number. `hash` covers the row and the hash of the one before it."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(MAX_NAME_LENGTH), index=True)
    action: Mapped[str] = mapped_column(String(64))
    object: Mapped[str] = mapped_column(String(512), index=True)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
