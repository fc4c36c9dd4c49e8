"""The faults that the offline model can be told to have, as real providers have them."""

import random
import re
from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "rate": "429 with Retry-After; not billed",
    "quota": "429 insufficient_quota, which no retry cures; not billed",
    "status": "the HTTP status in `status`; below 500 and 503 not billed, other 5xx billed",
    "hang": "billed, then never an answer",
    "cut": "billed, half of the text, then the connection breaks",
    "truncate": "billed, half of the text, then a clean end without finish_reason",
    "length": "billed, finish_reason length with half of the text",
    "content_filter": "billed, finish_reason content_filter",
    "refusal": "billed, a refusal in place of content",
    "slow": "ten times slower",
    "badchunk": "billed, a chunk that is not JSON",
    "badjson": "billed, content that is not JSON",
    "badschema": "billed, JSON that does not fit the schema",
    "empty": "billed, no content at all",
}

IN_THEME = re.compile(r"fault:(\w+)")


@dataclass
class Rule:
    """One fault, and when it strikes."""

    fault: str
    times: int | None = None
    """How often; None: always."""
    probability: float = 1.0
    match: str = ""
    """Only for prompts or models that contain this."""
    status: int = 500
    retry_after_s: float = 1.0


class Faults:
    """The rules in force."""

    def __init__(self, seed: int = 0) -> None:
        self._rules: list[Rule] = []
        self._random = random.Random(seed)

    def add(self, given: dict[str, Any]) -> None:
        """Puts a rule in force. Raises ValueError that names what is wrong."""
        unknown = set(given) - set(Rule.__dataclass_fields__)
        if unknown:
            raise ValueError(f"unknown field {sorted(unknown)[0]!r}")
        if given.get("fault") not in KINDS:
            raise ValueError(f"fault must be one of {', '.join(KINDS)}")
        self._rules.append(Rule(**given))

    def clear(self) -> None:
        self._rules.clear()

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self._rules]

    def strike(self, prompt: str, model: str, header: str | None) -> Rule | None:
        """The fault of this request, if any; a header or the words `fault:cut` in it come first."""
        named = header or (found[1] if (found := IN_THEME.search(prompt)) else None)
        if named in KINDS:
            return Rule(named)
        for rule in self._rules:
            if rule.match and rule.match not in prompt and rule.match not in model:
                continue
            if rule.probability < 1 and self._random.random() >= rule.probability:
                continue
            if rule.times is not None:
                rule.times -= 1
                if rule.times <= 0:
                    self._rules.remove(rule)
            return rule
        return None
