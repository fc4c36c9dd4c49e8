"""The tables as this version knows them; `archive/migrations/` makes them, a test compares both."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Index, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

LONGEST_NAME = 256
"""Characters of an id or name that people or other systems choose; PostgreSQL must index it."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on the way out; SQLite, which knows no zones, keeps UTC."""

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


class WorldRow(Base):
    """A world, by the id of the job that made it."""

    __tablename__ = "worlds"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(LONGEST_NAME))
    title: Mapped[str] = mapped_column(Text)
    theme: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # JSONB would forget the order of keys

    __table_args__ = (Index(None, "user_id", "created_at", "id"),)


class JobRow(Base):
    """A job that has ended, without what it was about and what it made."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    """Grows with each word about the job; an older word never replaces a newer one."""
    status: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[str] = mapped_column(String(LONGEST_NAME))
    team_id: Mapped[str] = mapped_column(String(LONGEST_NAME))
    type: Mapped[str] = mapped_column(String(LONGEST_NAME))
    model: Mapped[str] = mapped_column(String(LONGEST_NAME))
    session_id: Mapped[str] = mapped_column(String(LONGEST_NAME))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    day: Mapped[str] = mapped_column(String(10))
    """The day of its end, in UTC."""
    attempts: Mapped[int]
    calls: Mapped[int]
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    cost_micros: Mapped[int] = mapped_column(BigInteger)
    exposed_micros: Mapped[int] = mapped_column(BigInteger)
    """The part of the cost that is only the most it may be."""
    estimate_micros: Mapped[int | None] = mapped_column(BigInteger)
