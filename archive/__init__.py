"""What outlives the 24 hours of Redis: worlds, and what jobs have cost.

An SQLite file or a PostgreSQL database behind one small interface. Imports nothing else of ours.
"""

from archive.archive import Archive, open_archive
from archive.errors import ArchiveError, ArchiveRefused, ArchiveUnavailable
from archive.history import EndedJob, History, Usage
from archive.migration import migrate
from archive.pages import Page
from archive.worlds import WorldRecord, Worlds, WorldSummary

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveRefused",
    "ArchiveUnavailable",
    "EndedJob",
    "History",
    "Page",
    "Usage",
    "WorldRecord",
    "WorldSummary",
    "Worlds",
    "migrate",
    "open_archive",
]
