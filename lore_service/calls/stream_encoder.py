"""Encodes the entries of a call log as the messages of the stream."""

from collections.abc import Iterable, Iterator

from loresmith.lore_service.calls.call_log import Entry, StoredText, TextStarted
from loresmith.lore_service.calls.model_call import CallResult
from loresmith.lore_service.calls.partial_json import ItemParser
from loresmith.protos.lore.v1 import lore_pb2 as pb

STATES = {
    "absent": pb.CALL_STATE_ABSENT,
    "intent": pb.CALL_STATE_INTENT,
    "done": pb.CALL_STATE_DONE,
    "unknown": pb.CALL_STATE_UNKNOWN,
    "released": pb.CALL_STATE_RELEASED,
    "cancelled": pb.CALL_STATE_CANCELLED,
}


class StreamEncoder:
    """Encodes a call for one caller. `started`: whether this caller started the call."""

    def __init__(self, items_field: str | None, *, started: bool) -> None:
        self._items_field = items_field
        self._started = started
        self._reset()

    def encode(self, entries: Iterable[Entry]) -> Iterator[pb.GenerateResponse]:
        """Encodes entries in order; joins consecutive pieces of text into one delta."""
        pieces: list[str] = []
        for entry in entries:
            if isinstance(entry, str):
                pieces.append(entry)
                continue
            yield from self._delta("".join(pieces))
            pieces.clear()
            if isinstance(entry, TextStarted):
                yield self._accepted(entry)
                yield from self._items(entry.finished_items)
            elif isinstance(entry, StoredText):
                yield from self._items(self._finished_items(entry.text))
        yield from self._delta("".join(pieces))

    def encode_result(self, result: CallResult) -> Iterator[pb.GenerateResponse]:
        """Encodes the last messages."""
        if result.usage:
            yield pb.GenerateResponse(usage=result.usage.as_message())
        message = pb.Result(
            output_json=result.output_json,
            model=result.model,
            finish_reason=result.finish_reason,
            fingerprint=result.fingerprint,
        )
        yield pb.GenerateResponse(result=message)

    def _reset(self) -> None:
        self._parser = ItemParser(self._items_field) if self._items_field else None
        self._offset = 0
        self._next_index = 0

    def _accepted(self, start: TextStarted) -> pb.GenerateResponse:
        self._reset()
        how = start.how
        if how == pb.Accepted.HOW_STARTED and not self._started:
            how = pb.Accepted.HOW_ATTACHED
        accepted = pb.Accepted(how=how, call_id=start.call_id, model=start.model)
        return pb.GenerateResponse(accepted=accepted)

    def _delta(self, text: str) -> Iterator[pb.GenerateResponse]:
        if text:
            yield pb.GenerateResponse(delta=pb.Delta(offset=self._offset, text=text))
            self._offset += len(text)
            yield from self._items(self._finished_items(text))

    def _finished_items(self, text: str) -> Iterable[str]:
        return self._parser.feed(text) if self._parser else ()

    def _items(self, items: Iterable[str]) -> Iterator[pb.GenerateResponse]:
        for item in items:
            message = pb.Item(index=self._next_index, item_json=item)
            yield pb.GenerateResponse(item=message)
            self._next_index += 1
