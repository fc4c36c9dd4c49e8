"""How much of a text a client has, so that no stream sends a part twice."""


class TextChanged(Exception):
    """Another text than the one that the client has began; its rest cannot be sent."""


class TextPosition:
    """The end of the text that a client has, in characters.

    An attempt that starts again repeats the text; what the client has of it is skipped.
    """

    def __init__(self, start: int = 0) -> None:
        self.end = start
        self._start = start
        self._text = ""
        """What was sent, for comparison: from `_start` to `end`."""

    def add(self, offset: int, text: str) -> str:
        """Returns what is new of a part; '' where an earlier part is missing, which the end sends.

        Raises TextChanged where the part differs from what the client has.
        """
        if offset > self.end:
            return ""
        known, new = text[: self.end - offset], text[self.end - offset :]
        if offset < self._start:
            known, offset = known[self._start - offset :], self._start
        if known != self._text[offset - self._start :][: len(known)]:
            raise TextChanged
        self._text += new
        self.end += len(new)
        return new
