"""Numbers the events of a response: its output items, and which chunks each consists of.

0, 1        response.created, response.in_progress
per item    1 or 2 opening events, one per chunk, 2 or 3 closing events
last        response.completed or response.incomplete
"""

from dataclasses import dataclass

from loresmith.offline_model.server.completion import Completion, FunctionCall

FIRST_ITEM_EVENT = 2


@dataclass(frozen=True, slots=True)
class OutputItem:
    """A message or a function call of a response."""

    call: FunctionCall | None
    """None for a message."""
    index: int
    first_event: int
    first_chunk: int
    chunk_count: int

    @property
    def opening_count(self) -> int:
        """A message opens with the item and its part, a call with the item only."""
        return 1 if self.call else 2

    @property
    def end_event(self) -> int:
        """The number of the first event after the item."""
        return self.closing_event + self.opening_count + 1

    @property
    def closing_event(self) -> int:
        """The number of the first event after the chunks."""
        return self.first_event + self.opening_count + self.chunk_count

    @property
    def end_chunk(self) -> int:
        """The number of the first chunk after the item."""
        return self.first_chunk + self.chunk_count

    def chunks_before(self, event: int) -> int:
        """Returns how many chunks of the response are written when an event is due."""
        chunks = event - self.first_event - self.opening_count + 1
        return self.first_chunk + max(0, min(chunks, self.chunk_count))


def output_items(completion: Completion, chunks: list[str]) -> tuple[OutputItem, ...]:
    """Returns the items of a completion. No chunk belongs to two of them."""
    if not completion.tool_calls:
        return (OutputItem(None, 0, FIRST_ITEM_EVENT, 0, len(chunks)),)
    items: list[OutputItem] = []
    event, chunk, offset = FIRST_ITEM_EVENT, 0, 0
    for call in completion.tool_calls:
        first_chunk = chunk
        while chunk < len(chunks) and offset < call.end:
            offset += len(chunks[chunk])
            chunk += 1
        items.append(OutputItem(call, len(items), event, first_chunk, chunk - first_chunk))
        event = items[-1].end_event
    return tuple(items)
