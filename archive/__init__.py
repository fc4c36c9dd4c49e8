"""What outlives the 24 hours of Redis: worlds today, job history and usage beside them later.

An SQLite file or a PostgreSQL database behind one small interface. Imports nothing else of ours.
"""

from archive.archive import Archive, open_archive
from archive.errors import ArchiveError, ArchiveRefused, ArchiveUnavailable
from archive.migration import migrate
from archive.pages import Page
from archive.worlds import WorldRecord, Worlds, WorldSummary

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveRefused",
    "ArchiveUnavailable",
    "Page",
    "WorldRecord",
    "WorldSummary",
    "Worlds",
    "migrate",
    "open_archive",
]
