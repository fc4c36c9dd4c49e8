"""The cost of a job as clients see it, in dollars; micro-dollars inside."""

from collections.abc import Mapping
from typing import Any

from loresmith.jobs.core.status import ACTIVE, Status

MICROS = 1_000_000
CURRENCY = "USD"


def dollars(micros: int | str | None) -> float | None:
    """Converts micro-dollars to dollars; None stays None."""
    return None if micros is None else int(micros) / MICROS


def micros(dollars: float) -> int:
    """Converts dollars to micro-dollars, rounded to the nearest."""
    return round(dollars * MICROS)


def cost(record: Mapping[str, str]) -> dict[str, Any]:
    """Returns the `cost` of a job."""
    active = record["status"] in ACTIVE
    spent, unpriced = record.get("spent_micros", "" if active else "0"), record.get("unpriced", 0)
    return {
        "currency": CURRENCY,
        "estimate": dollars(record.get("estimate_micros")),
        "estimate_max": dollars(record.get("max_micros")),
        "reserved": dollars(record.get("reserved_micros", "0") if active else "0"),
        "actual": actual(spent, unpriced),
        "likely": actual(record.get("likely_micros", spent), unpriced),
        "upper_bound": actual(record.get("upper_micros", spent), unpriced),
        "state": _state(record, active),
    }


def actual(spent: str | None, unpriced: str | int) -> float | None:
    """Returns the dollars spent so far; None if unknown, or if a call has no known price."""
    return None if int(unpriced) else dollars(spent or None)


def _state(record: Mapping[str, str], active: bool) -> str:
    if not active:
        if int(record.get("uncertain_micros", 0)):
            return "upper_bound"
        return "likely" if record.get("likely_micros") != record.get("upper_micros") else "final"
    if record["status"] == Status.PROCESSING:
        return "running"
    return "reserved" if "reserved_micros" in record else "estimated"
