"""The response to one request, as far as it has arrived."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json, to_json

from loresmith.jobs.core.placeholders import Placeholders
from loresmith.jobs.core.settings.providers import qualified
from loresmith.jobs.types.model_call import Answer
from loresmith.lore_service.providers.json_values import field_text
from loresmith.lore_service.providers.rate_limits import RateLimit
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.request_form import RequestForm
from loresmith.lore_service.providers.usage import ProviderUsage

OFFLINE_FINGERPRINT = "offline model"
"""Prefix of the offline model's system_fingerprint."""


async def _ignore(_: str) -> None:
    pass


def _ignore_limits(_: Sequence[RateLimit]) -> None:
    pass


def finished_items_of(row: Mapping[str, str]) -> tuple[str, ...]:
    """Reads the finished items of a ledger row."""
    return tuple(from_json(row.get("finished") or "[]"))


@dataclass
class ProviderResponse:
    """The response to one request, as far as it has arrived."""

    call_id: str
    model: str
    text_parts: list[str] = field(default_factory=list)
    refusal: str = ""
    repaired: str = ""
    """`local`: its text was read with tolerance, which bought nothing."""
    output: BaseModel | None = field(default=None, repr=False)
    """What the text says, once it has been read."""
    tool_calls: list[dict[str, str]] = field(default_factory=list)
    """Functions that the client shall call: id, name and arguments of each."""
    takes_tool_calls: bool = False
    """Whether tool calls are for the client; otherwise their arguments are text."""
    asks_json: bool = True
    """Whether its request has a schema, so that JSON among the reasoning may be the answer."""
    finish_reason: str = ""
    """Empty until the response is complete."""
    provider_id: str = ""
    usage: ProviderUsage | None = None
    usage_at: int = 0
    """How many pieces of text had arrived before the usage."""
    is_offline: bool = False
    """Whether the offline model writes it, which costs nothing."""
    finished_items: tuple[str, ...] = ()
    """Items of an earlier attempt, which precede the items of this response."""
    response_id: str = ""
    """The id of a background response; empty when the provider has none."""
    last_event: int = -1
    """Sequence number of the last event read of a background response."""
    provider: str = ""
    """The name of the provider."""
    form: RequestForm | None = None
    """The form of its request; None for a response that was stored before."""
    placeholders: Placeholders = field(default_factory=Placeholders, repr=False)
    """What its request withheld."""
    on_limits: Callable[[Sequence[RateLimit]], None] = field(default=_ignore_limits, repr=False)
    """Called with the rate limits that the head of the answer says."""
    on_response_id: Callable[[str], Awaitable[None]] = field(default=_ignore, repr=False)
    """Awaited with the response id before the response is followed."""

    @classmethod
    def to(
        cls, request: ProviderRequest, on_response_id: Callable[[str], Awaitable[None]]
    ) -> "ProviderResponse":
        """Makes the empty response to a request."""
        return cls(
            request.call_id,
            request.full_model,
            takes_tool_calls=request.has_tools,
            asks_json=request.schema is not None,
            finished_items=request.finished_items,
            provider=request.provider,
            placeholders=request.placeholders,
            on_response_id=on_response_id,
        )

    @classmethod
    def of_row(
        cls, call_id: str, row: Mapping[str, str], placeholders: Placeholders | None = None
    ) -> "ProviderResponse":
        """Reads the complete response of a ledger row."""
        return cls(
            call_id=call_id,
            model=row.get("model", ""),
            text_parts=[row.get("text", "")],
            refusal=row.get("refusal", ""),
            tool_calls=from_json(row.get("tool_calls") or "[]"),
            finish_reason=row.get("finish_reason", ""),
            usage=ProviderUsage.of_row(row),
            finished_items=finished_items_of(row),
            placeholders=placeholders or Placeholders(),
        )

    def as_row(self) -> dict[str, str]:
        """Returns the fields of a ledger row."""
        return {
            "text": self.text,
            "usage": self.usage.as_json() if self.usage else "",
            "finish_reason": self.finish_reason,
            "refusal": self.refusal,
            "tool_calls": self._tool_calls_json,
            "repaired": self.repaired,
            "provider_id": self.provider_id,
            "model": self.model,
            **(self.form.as_fields() if self.form else {}),
        }

    def as_cached(self) -> dict[str, str]:
        """Returns the fields that the response cache stores; `of_row` reads them."""
        fields = {"text": self.text, "model": self.model, "finish_reason": self.finish_reason}
        return fields | ({"tool_calls": self._tool_calls_json} if self.tool_calls else {})

    def as_answer(self) -> Answer:
        """Returns the answer with the values that its request withheld."""
        calls = [
            call | {"arguments": self.placeholders.restore_json(call["arguments"])}
            for call in self.tool_calls
        ]
        return Answer(self.restored_text, self.finish_reason, self.refusal, tuple(calls))

    @property
    def _tool_calls_json(self) -> str:
        return to_json(self.tool_calls).decode() if self.tool_calls else ""

    @property
    def text(self) -> str:
        """The text as the model wrote it."""
        return "".join(self.text_parts)

    @property
    def restored_text(self) -> str:
        """The text with the values that its request withheld."""
        return self.placeholders.restore(self.text)

    def add_usage(self, usage: Any) -> None:
        """Reads a usage. The largest counts: servers repeat it in parts, or as zero."""
        read = ProviderUsage.of_provider(usage)
        if read and (self.usage is None or read.total_tokens >= self.usage.total_tokens):
            self.usage, self.usage_at = read, len(self.text_parts)

    @property
    def is_usage_final(self) -> bool:
        """Whether no text has come after the usage."""
        return self.usage is not None and self.usage_at == len(self.text_parts)

    def check_usage(self) -> None:
        """Drops a usage that counts nothing where there is text."""
        if self.usage and not (self.usage.output_tokens or not (self.text or self.refusal)):
            self.usage = None

    def set_model(self, body: Mapping[str, Any]) -> None:
        """Reads the name of the model, and whether it is the offline model."""
        if name := field_text(body.get("model")):
            self.model = qualified(self.provider, name)
        fingerprint = field_text(body.get("system_fingerprint"))
        self.is_offline = fingerprint.startswith(OFFLINE_FINGERPRINT)
