"""Decodes server-sent events from the bytes of a response.

Tolerates what servers send: a byte order mark, any line ends, bytes that are not UTF-8, events
without data, and a last event without the blank line that should end it.
"""

from dataclasses import dataclass

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event. Its data is not empty."""

    data: str
    name: str = ""


class EventDecoder:
    """Turns chunks of bytes, cut anywhere, into events."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        """The pieces of a line whose end has not arrived."""
        self._data: list[bytes] = []
        self._name = b""
        self._ends_with_cr = False
        self._is_first_line = True

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Returns the events that the chunk completes."""
        if self._ends_with_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            self._ends_with_cr = False
        if b"\r" in chunk:
            self._ends_with_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        elif chunk:
            self._ends_with_cr = False
        if b"\n" not in chunk:
            self._rest.append(chunk)
            return []
        if self._rest:
            chunk = b"".join([*self._rest, chunk])
        *lines, rest = chunk.split(b"\n")
        self._rest = [rest] if rest else []
        return self._events(lines)

    def finish(self) -> list[ServerSentEvent]:
        """Returns the event that the end of the response completes."""
        rest, self._rest = b"".join(self._rest), []
        return self._events([rest, b""])

    def _events(self, lines: list[bytes]) -> list[ServerSentEvent]:
        if self._is_first_line and lines:
            self._is_first_line = False
            lines[0] = lines[0].removeprefix(BYTE_ORDER_MARK)
        events = []
        for line in lines:
            if line:
                self._add_field(line)
            elif self._data or self._name:
                data, name = b"\n".join(self._data), self._name
                self._data, self._name = [], b""
                if data:
                    events.append(ServerSentEvent(_decoded(data), _decoded(name)))
        return events

    def _add_field(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" "))
        elif field == b"event":
            self._name = value.removeprefix(b" ")
        elif line.startswith(b"{"):  # a document after comments, or lines without a field
            self._data.append(line)


def _decoded(text: bytes) -> str:
    return text.decode(errors="replace")
