"""The faults that the offline model can be told to have, as real providers have them."""

import random
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

KINDS = {
    "rate": "429 with Retry-After; not billed",
    "quota": "429 insufficient_quota, which no retry cures; not billed",
    "status": "the HTTP status in `status`; 4xx and 503 are not billed, other 5xx are",
    "hang": "billed, then never an answer",
    "cut": "billed, half of the text, then the connection breaks",
    "truncate": "billed, half of the text, then a clean end without finish_reason",
    "length": "billed, half of the text, finish_reason length",
    "content_filter": "billed, half of the text, finish_reason content_filter",
    "refusal": "billed, a refusal in place of content",
    "slow": "ten times slower",
    "badchunk": "billed, half of the text, then an event that is not JSON",
    "badjson": "billed, content that is not JSON",
    "badschema": "billed, JSON that does not fit the schema",
    "empty": "billed, no content at all",
}
IN_PROMPT = re.compile(r"fault:(\w+)")
BEFORE_WORK = 503
"""The one status from 500 on that is sent before any work is done."""


@dataclass(frozen=True)
class Refusal:
    """An error in place of a text."""

    status: int
    code: str
    message: str
    headers: dict[str, str]


class Rule(BaseModel):
    """One fault, and when it strikes."""

    model_config = ConfigDict(extra="forbid")

    fault: str
    times: Annotated[int, Field(ge=1)] | None = None
    """How often still; None: always."""
    probability: float = Field(default=1.0, ge=0, le=1)
    match: str = ""
    """Only for prompts or models that contain this."""
    status: int = Field(default=500, ge=400, le=599)
    retry_after_s: float = Field(default=1.0, ge=0)

    @field_validator("fault")
    @classmethod
    def _known(cls, fault: str) -> str:
        if fault not in KINDS:
            raise ValueError(f"must be one of {', '.join(KINDS)}")
        return fault

    def refusal(self) -> "Refusal | None":
        """The error that is answered in place of a text, if this fault is one."""
        retry = {"retry-after": f"{self.retry_after_s:g}"}
        match self.fault:
            case "rate":
                return Refusal(429, "rate_limit_exceeded", "Rate limit reached", retry)
            case "quota":
                return Refusal(429, "insufficient_quota", "You exceeded your current quota", {})
            case "status":
                hint = retry if self.status in (429, BEFORE_WORK) else {}
                return Refusal(self.status, "injected", "The offline model was told to fail", hint)
            case _:
                return None

    @property
    def is_billed(self) -> bool:
        """Whether the work was done all the same."""
        if self.fault == "status":
            return self.status >= 500 and self.status != BEFORE_WORK
        return self.fault not in ("rate", "quota")


RULES = TypeAdapter(list[Rule])


class Faults:
    """The rules in force; the first that fits a request strikes."""

    def __init__(self, seed: int = 0) -> None:
        self.rules: list[Rule] = []
        self._chance = random.Random(seed)

    def add(self, given: Any) -> None:
        """Puts a rule in force; a list of rules takes the place of all there were.

        Raises ValueError that names what is wrong.
        """
        try:
            if isinstance(given, list):
                self.rules = RULES.validate_python(given)
            else:
                self.rules.append(Rule.model_validate(given))
        except ValidationError as problem:
            first = problem.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ValueError(f"{where or 'fault'}: {first['msg']}") from None

    def clear(self) -> None:
        self.rules.clear()

    def strike(self, prompt: str, model: str, named: str) -> Rule | None:
        """The fault of a request, if any; one it names, or `fault:cut` in its text, comes first."""
        if not named and "fault:" in prompt and (found := IN_PROMPT.search(prompt)):
            named = found[1]
        if named in KINDS:
            return Rule(fault=named)
        return next(
            (self._use(rule) for rule in self.rules if self._fits(rule, prompt, model)), None
        )

    def _fits(self, rule: Rule, prompt: str, model: str) -> bool:
        if rule.match and rule.match not in prompt and rule.match not in model:
            return False
        return rule.probability >= 1 or self._chance.random() < rule.probability

    def _use(self, rule: Rule) -> Rule:
        if rule.times is not None:
            rule.times -= 1
            if rule.times < 1:
                self.rules.remove(rule)
        return rule
