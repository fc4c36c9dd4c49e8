"""Injects the faults of real providers, by rule or by request."""

import random
import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from loresmith.offline_model.server.errors import ApiError, BadRequest

FAULTS = {
    "rate": "429 with Retry-After; not billed",
    "quota": "429 insufficient_quota, which persists after retries; not billed",
    "status": "the HTTP status in `status`; 4xx, 503 and 529 are not billed, other 5xx are",
    "echo": "400 that quotes the end of the prompt, as some providers do; not billed",
    "hang": "billed, then no answer",
    "cut": "billed, half of the text, then the connection breaks",
    "truncate": "billed, half of the text, then a clean end without finish_reason",
    "length": "billed, half of the text, finish_reason length",
    "content_filter": "billed, half of the text, finish_reason content_filter",
    "refusal": "billed, a refusal instead of content",
    "slow": "ten times slower",
    "badchunk": "billed, half of the text, then an event that is not JSON",
    "noevents": "billed, half of the text, then the end; 500 to who follows a background response",
    "lateid": "as noevents, and 404 to the first look at a background response",
    "badjson": "billed, content that is not JSON",
    "badschema": "billed, JSON that does not match the schema",
    "empty": "billed, no content",
}
FAULT_IN_PROMPT = re.compile(r"fault:(\w+)")
BUSY = (503, 529)
"""The statuses from 500 on that are sent before any work is done."""


class FaultRule(BaseModel):
    """One fault and its conditions."""

    model_config = ConfigDict(extra="forbid")

    fault: str
    times: Annotated[int, Field(ge=1)] | None = None
    """Remaining uses; None means no limit."""
    probability: float = Field(default=1.0, ge=0, le=1)
    match: str = ""
    """A part of the prompt or of the model's name."""
    status: int = Field(default=500, ge=400, le=599)
    retry_after_s: float = Field(default=1.0, ge=0)

    @field_validator("fault")
    @classmethod
    def _exists(cls, fault: str) -> str:
        if fault not in FAULTS:
            raise ValueError(f"must be one of {', '.join(FAULTS)}")
        return fault

    @property
    def is_billed(self) -> bool:
        if self.fault == "status":
            return self.status >= 500 and self.status not in BUSY
        return self.fault not in ("rate", "quota", "echo")

    def error(self, prompt: str = "") -> ApiError | None:
        """Returns the HTTP error of this fault; None if the fault affects a completion."""
        retry_after = {"retry-after": f"{self.retry_after_s:g}"}
        match self.fault:
            case "rate":
                return ApiError("Rate limit reached", 429, "rate_limit_exceeded", retry_after)
            case "quota":
                return ApiError("You exceeded your current quota", 429, "insufficient_quota")
            case "echo":
                quote = " ".join(prompt[-200:].split())
                message = f"Cannot answer this request: {quote}"
                return ApiError(message, 400, "invalid_prompt")
            case "status":
                headers = retry_after if self.status in (429, *BUSY) else None
                message = f"Injected fault: HTTP {self.status}"
                return ApiError(message, self.status, "injected", headers)
            case _:
                return None


RULES = TypeAdapter(list[FaultRule])


class FaultInjector:
    """Stores the active rules; the first one that matches a request applies."""

    def __init__(self, seed: int = 0) -> None:
        self.rules: list[FaultRule] = []
        self._rng = random.Random(seed)

    def add(self, rule: Any) -> None:
        """Adds a rule; a list of rules replaces all. Raises BadRequest that names the field."""
        try:
            if isinstance(rule, list):
                self.rules = RULES.validate_python(rule)
            else:
                self.rules.append(FaultRule.model_validate(rule))
        except ValidationError as error:
            detail = error.errors()[0]
            location = ".".join(map(str, detail["loc"])) or "fault"
            raise BadRequest(f"{location}: {detail['msg']}", "invalid_fault") from None

    def clear(self) -> None:
        self.rules.clear()

    def select(self, prompt: str, model: str, requested: str) -> FaultRule | None:
        """Returns the fault of a request; one it names, or `fault:cut` in its text, comes first."""
        if not requested and (match := FAULT_IN_PROMPT.search(prompt)):
            requested = match[1]
        if requested in FAULTS:
            return FaultRule(fault=requested)
        for rule in self.rules:
            if self._applies(rule, prompt, model):
                return self._use(rule)
        return None

    def _applies(self, rule: FaultRule, prompt: str, model: str) -> bool:
        if rule.match and rule.match not in prompt and rule.match not in model:
            return False
        return rule.probability >= 1 or self._rng.random() < rule.probability

    def _use(self, rule: FaultRule) -> FaultRule:
        if rule.times is not None:
            rule.times -= 1
            if rule.times < 1:
                self.rules.remove(rule)
        return rule
