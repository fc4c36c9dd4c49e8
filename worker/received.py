"""What has arrived of a model call."""

from dataclasses import dataclass, field

from protos.lore.v1 import lore_pb2 as pb
from worker.usage import Usage


@dataclass
class Received:
    """Filled while the call runs, so that one that breaks leaves what it had."""

    accepted: pb.Accepted | None = None
    began: int = 0
    """How often a text began: once, and again after a break or for a repair."""
    text: str = ""
    items: dict[int, str] = field(default_factory=dict)
    """Finished entities as JSON, by their place in the list."""
    usage: Usage = field(default_factory=Usage)
    result: pb.Result | None = None

    @property
    def made_now(self) -> bool:
        """Whether the model worked on it from now on; a replay says nothing about durations."""
        return self.accepted is not None and self.accepted.how == pb.Accepted.HOW_STARTED

    @property
    def model(self) -> str:
        """The model that answers; empty while it is not known."""
        named = self.result or self.accepted
        return named.model if named else ""

    def take(self, message: pb.GenerateResponse) -> None:
        """Adds one message of the stream. Where a text begins, anew after a break or for a repair,
        what was there before is forgotten.
        """
        match message.WhichOneof("event"):
            case "accepted":
                self.accepted, self.text, self.items = message.accepted, "", {}
                if message.accepted.how == pb.Accepted.HOW_CACHED:
                    self.usage = Usage(cache_hits=1)
                self.began += 1
            case "delta":
                self.text = self.text[: message.delta.offset] + message.delta.text
            case "item":
                self.items[message.item.index] = message.item.json
            case "usage":
                self._take_usage(message.usage)
            case "result":
                self.result = message.result

    def take_rest(self, rest: pb.LoreError) -> None:
        """Adds what a call that ended badly left behind. Its usage is often not known; that a call
        was made, and may cost something, is.
        """
        self.text = rest.text or self.text
        if rest.HasField("usage"):
            self._take_usage(rest.usage)
        elif rest.may_be_bought:
            self.usage = Usage(calls=1)

    def _take_usage(self, usage: pb.Usage) -> None:
        self.usage = Usage(
            usage.input_tokens,
            usage.output_tokens,
            usage.cached_tokens,
            usage.reasoning_tokens,
            calls=usage.requests or 1,
        )
