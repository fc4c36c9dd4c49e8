"""Text of others on our terminal: it must not steer it."""

import re
import unicodedata
from typing import Final

from rich.text import Text

KEPT: Final = "\n\t\u200c\u200d"
"""Line ends, tabs, and the joiners that emoji and some scripts are written with."""


def plain(text: object) -> str:
    """Without what would move the cursor, change colours or turn the direction of reading."""
    return "".join(
        char for char in str(text) if char in KEPT or unicodedata.category(char) not in ("Cc", "Cf")
    )


def told(text: object, style: str = "") -> Text:
    """Text of others as it is: no markup in it means anything."""
    return Text(plain(text), style)


def label(name: str) -> str:
    """current_state → Current state."""
    words = re.sub(r"[_-]+", " ", plain(name)).strip()
    return words[:1].upper() + words[1:]
