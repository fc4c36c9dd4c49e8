"""Holds all processes of an installation to one archive.

The archive has a random id. Redis notes that of the first process that archives; a process whose
archive has another id must not write to it. A copy of the database has the same id.
"""

from redis import Redis

from loresmith.jobs.store import keys


class OtherArchive(Exception):
    """DATABASE_URL names another archive than the one that holds the jobs of this Redis."""

    safe_to_log = True

    def __init__(self, place: str, archive_id: str, noted_id: str) -> None:
        super().__init__(
            f"{place} is archive {archive_id}, but the jobs of this Redis belong in archive "
            f"{noted_id}. Nothing is written to it. Set the DATABASE_URL of the other processes; "
            "to move on purpose see docs/archive.md."
        )


def require_same_archive(redis: Redis, archive_id: str, place: str) -> None:
    """Notes the archive if none is noted. Raises OtherArchive, RedisError.

    `redis` must decode its replies.
    """
    noted_id = redis.set(keys.ARCHIVE, archive_id, nx=True, get=True)
    if noted_id and noted_id != archive_id:
        raise OtherArchive(place, archive_id, str(noted_id))
