"""Records in Redis that cannot be read: half restored, written by hand, or of an unknown form."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, TypeVar

from loresmith.jobs.core.job_fields import JOB_FIELDS
from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.core.status import Status

log = get_logger(__name__)

T = TypeVar("T")
U = TypeVar("U")

REQUIRED = tuple(field.name for field in JOB_FIELDS if field.required)
WHOLE = tuple(field.name for field in JOB_FIELDS if field.type in ("integer", "milliseconds"))
NUMBERS = tuple(field.name for field in JOB_FIELDS if field.type == "number")
MAX_DIGITS = 14
"""Digits of an integer: milliseconds until the year 5138, or 99 million dollars."""
MAX_REPORTED = 1_000
_reported: set[str] = set()


class DamagedRecord(Exception):
    """A record in Redis is damaged; the message names it and the fault."""

    safe_to_log: ClassVar[bool] = True


def check(job_id: str, record: Record) -> Record:
    """Returns a job's record. Raises DamagedRecord when a field is missing or not of its type.

    JSON is checked where it is read.
    """
    for name in REQUIRED:
        if name not in record:
            raise DamagedRecord(f"job {job_id}: {name} is missing")
    if record["status"] not in Status.__members__.values():
        raise DamagedRecord(f"job {job_id}: status is unknown")
    check_numbers(job_id, record)
    return record


def check_numbers(job_id: str, fields: Mapping[str, str | None]) -> None:
    """Raises DamagedRecord when one of these fields of a job's record is not of its type."""
    for name in WHOLE:
        text = fields.get(name)
        if text and not (text.isdecimal() and len(text) <= MAX_DIGITS):
            raise DamagedRecord(f"job {job_id}: {name} is not an integer")
    for name in NUMBERS:
        if (text := fields.get(name)) and not _is_finite(text):
            raise DamagedRecord(f"job {job_id}: {name} is not a number")


def read_intact(name: str, read: Callable[[], T]) -> T:
    """Returns what `read` returns. Raises DamagedRecord when it meets a value of another form."""
    try:
        return read()
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise DamagedRecord(f"{name}: {safe(error)}") from error


def intact(items: Iterable[T], read: Callable[[T], U]) -> list[U]:
    """Reads items of a list. Leaves out the damaged ones, and logs each of them once."""
    values = []
    for item in items:
        try:
            values.append(read(item))
        except DamagedRecord as damage:
            report(damage)
    return values


def report(damage: DamagedRecord) -> None:
    """Logs a damaged record, once per process."""
    if str(damage) not in _reported and len(_reported) < MAX_REPORTED:
        _reported.add(str(damage))
        log.error("left out a damaged record", error=safe(damage))


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
