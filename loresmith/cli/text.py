"""Text of models and users, made safe for a terminal."""

import re
import unicodedata
from typing import Final

from rich.text import Text

ALLOWED: Final = "\n\t\u200c\u200d"
"""Line ends, tabs, and the joiners that emoji and some scripts need."""


def plain(text: object) -> str:
    """Removes characters that move the cursor, change colours or the direction of reading."""
    return "".join(
        char
        for char in str(text)
        if char in ALLOWED or unicodedata.category(char) not in ("Cc", "Cf")
    )


def literal(text: object, style: str = "") -> Text:
    """Returns plain text whose markup is not interpreted."""
    return Text(plain(text), style)


def label(name: str) -> str:
    """Converts a field name: current_state → Current state."""
    words = re.sub(r"[_-]+", " ", plain(name)).strip()
    return words[:1].upper() + words[1:]
