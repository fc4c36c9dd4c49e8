"""The database: worlds, and the cost of ended jobs, beyond the 24 hours of Redis.

An SQLite file or a PostgreSQL database behind one small interface. Imports no other package of
Loresmith.
"""

from loresmith.archive.archive import Archive, open_archive
from loresmith.archive.audit_trail import AuditFilter, AuditRecord, AuditTrail, ChainCheck
from loresmith.archive.errors import ArchiveError, ArchiveRefused, ArchiveUnavailable
from loresmith.archive.job_history import JobHistory, UsageSums
from loresmith.archive.migration import migrate
from loresmith.archive.pages import CursorPage
from loresmith.archive.tables import MAX_NAME_LENGTH, AuditEntry, EndedJob
from loresmith.archive.worlds import WorldRecord, WorldStore, WorldSummary

__all__ = [
    "MAX_NAME_LENGTH",
    "Archive",
    "ArchiveError",
    "ArchiveRefused",
    "ArchiveUnavailable",
    "AuditEntry",
    "AuditFilter",
    "AuditRecord",
    "AuditTrail",
    "ChainCheck",
    "CursorPage",
    "EndedJob",
    "JobHistory",
    "UsageSums",
    "WorldRecord",
    "WorldStore",
    "WorldSummary",
    "migrate",
    "open_archive",
]
