"""Collects the stream of one model call."""

from collections.abc import Callable
from dataclasses import dataclass, field

from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.worker.model_client.token_totals import TokenTotals


@dataclass
class ResponseAccumulator:
    """The response so far; a call that breaks off leaves what had arrived."""

    accepted: pb.Accepted | None = None
    starts: int = 0
    """How often a text started: once, and again after a lost connection or for a repair."""
    text: str = ""
    items: dict[int, str] = field(default_factory=dict)
    """Finished entities as JSON, by index."""
    usage: TokenTotals = field(default_factory=TokenTotals)
    result: pb.Result | None = None
    on_text: Callable[[], object] = lambda: None
    """Called after each piece of text, on the thread of the connection."""
    is_refused: bool = False
    """Whether it waits to be sent again; false once the provider responds."""

    @property
    def is_alive(self) -> bool:
        """Whether the call runs: it is neither waiting to be sent nor refused."""
        return self.accepted is not None and not self.is_refused

    @property
    def is_new_call(self) -> bool:
        """Whether the call started with this request; a replayed call has no useful duration."""
        return self.accepted is not None and self.accepted.how == pb.Accepted.HOW_STARTED

    @property
    def model(self) -> str:
        """The model that answers; empty while unknown."""
        message = self.result or self.accepted
        return message.model if message else ""

    def add(self, message: pb.GenerateResponse) -> None:
        """Adds one message of the stream; `accepted` discards the text and items before it."""
        event = message.WhichOneof("event")
        self.is_refused = self.is_refused and event == "accepted"
        match event:
            case "accepted":
                self.accepted, self.text, self.items = message.accepted, "", {}
                if message.accepted.how == pb.Accepted.HOW_CACHED:
                    self.usage = TokenTotals(cache_hits=1)
                self.starts += 1
            case "delta":
                self.text = self.text[: message.delta.offset] + message.delta.text
                self.on_text()
            case "item":
                self.items[message.item.index] = message.item.item_json
            case "usage":
                self._set_usage(message.usage)
            case "result":
                self.result = message.result

    def add_error(self, error: pb.LoreError) -> None:
        """Adds the text and usage of a failed call.

        A call of unknown usage that may have been bought counts as one call.
        """
        self.text = error.text or self.text
        if error.HasField("usage"):
            self._set_usage(error.usage)
        elif error.may_be_bought:
            self.usage = TokenTotals(calls=1)

    def _set_usage(self, usage: pb.Usage) -> None:
        self.usage = TokenTotals(
            usage.input_tokens,
            usage.output_tokens,
            usage.cached_tokens,
            usage.reasoning_tokens,
            calls=usage.requests or 1,
        )
