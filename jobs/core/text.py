"""Text that can be stored, sent and read everywhere."""

import re

SURROGATE = re.compile("[\ud800-\udfff]")


def valid_text(text: str) -> str:
    """Joins halves of surrogate pairs; replaces lone ones, which UTF-8 cannot encode."""
    if text.isascii() or not SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def sentence(text: str) -> str:
    """Ends a text with a full stop, unless it ends like a sentence."""
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
