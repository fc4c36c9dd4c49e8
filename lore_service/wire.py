"""From what is known of a call to the messages of the stream."""

from collections.abc import Iterable, Iterator

from lore_service.call import Made
from lore_service.items import ItemScanner
from lore_service.transcript import Began, Entry, Stored
from protos.lore.v1 import lore_pb2 as pb

STATES = {
    "absent": pb.CALL_STATE_ABSENT,
    "intent": pb.CALL_STATE_INTENT,
    "done": pb.CALL_STATE_DONE,
    "unknown": pb.CALL_STATE_UNKNOWN,
    "released": pb.CALL_STATE_RELEASED,
    "cancelled": pb.CALL_STATE_CANCELLED,
}


class Teller:
    """Tells one asker about a call, from the start. `started`: it was this asker who began it."""

    def __init__(self, items: str | None, *, started: bool) -> None:
        self._field = items
        self._started = started
        self._begin()

    def _begin(self) -> None:
        self._scanner = ItemScanner(self._field) if self._field else None
        self._offset = 0
        self._items = 0

    def tell(self, entries: Iterable[Entry]) -> Iterator[pb.GenerateResponse]:
        """The messages for some entries; pieces of text that follow each other become one."""
        pieces: list[str] = []
        for entry in entries:
            if isinstance(entry, str):
                pieces.append(entry)
                continue
            yield from self._text("".join(pieces))
            pieces.clear()
            if isinstance(entry, Began):
                yield self._accepted(entry)
                yield from self._items_of(entry.finished)
            elif isinstance(entry, Stored):
                yield from self._found(entry.text)
        yield from self._text("".join(pieces))

    def end(self, made: Made) -> Iterator[pb.GenerateResponse]:
        """The last messages."""
        if made.usage:
            yield pb.GenerateResponse(usage=made.usage.as_message())
        result = pb.Result(
            output_json=made.output_json,
            model=made.model,
            finish_reason=made.finish_reason,
            fingerprint=made.fingerprint,
        )
        yield pb.GenerateResponse(result=result)

    def _accepted(self, began: Began) -> pb.GenerateResponse:
        self._begin()
        how = began.how
        if how == pb.Accepted.HOW_STARTED and not self._started:
            how = pb.Accepted.HOW_ATTACHED
        told = pb.Accepted(how=how, call_id=began.call_id, model=began.model)
        return pb.GenerateResponse(accepted=told)

    def _text(self, text: str) -> Iterator[pb.GenerateResponse]:
        if text:
            yield pb.GenerateResponse(delta=pb.Delta(offset=self._offset, text=text))
            self._offset += len(text)
            yield from self._found(text)

    def _found(self, text: str) -> Iterator[pb.GenerateResponse]:
        yield from self._items_of(self._scanner.feed(text) if self._scanner else ())

    def _items_of(self, items: Iterable[str]) -> Iterator[pb.GenerateResponse]:
        for item in items:
            yield pb.GenerateResponse(item=pb.Item(index=self._items, json=item))
            self._items += 1
