"""Durations in words, for messages that people read."""

YEAR_S = 365 * 86_400
UNITS = (("year", YEAR_S), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def in_words(seconds: float) -> str:
    """Returns the two largest units of a duration: "2 hours 5 minutes"."""
    if 0 < seconds < 1:
        return "less than a second"
    if seconds > 100 * YEAR_S:
        return "more than 100 years"
    rest = round(max(0.0, seconds))
    parts = []
    for name, size in UNITS:
        number, rest = divmod(rest, size)
        parts.append(f"{number} {name}{'' if number == 1 else 's'}" if number else "")
    first = next((i for i, part in enumerate(parts) if part), len(parts) - 1)
    return " ".join(part for part in parts[first : first + 2] if part) or "0 seconds"
