"""What has arrived of a model call."""

from dataclasses import dataclass, field

from protos.lore.v1 import lore_pb2 as pb
from worker.usage import Usage


@dataclass
class Received:
    """Filled while the call runs, so that one that breaks leaves what it had."""

    accepted: pb.Accepted | None = None
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
        """Adds one message of the stream. A stream that starts again writes over what was there."""
        match message.WhichOneof("event"):
            case "accepted":
                self.accepted = message.accepted
            case "delta":
                self.text = self.text[: message.delta.offset] + message.delta.text
            case "item":
                self.items[message.item.index] = message.item.json
            case "usage":
                self._take_usage(message.usage)
            case "result":
                self.result = message.result

    def take_rest(self, rest: pb.LoreError | pb.LookupResponse) -> None:
        """Adds what a failed or stopped call left behind."""
        self.text = rest.text or self.text
        if rest.HasField("usage"):
            self._take_usage(rest.usage)

    def _take_usage(self, usage: pb.Usage) -> None:
        self.usage = Usage(usage.input_tokens, usage.output_tokens, usage.cached_tokens, calls=1)
