"""The text of an API key: lore_ID_SECRET, with a CRC-32 at its end.

A secret scanner, and this server without Redis, can tell a real key from a random text.
"""

import hashlib
import re
import secrets
import string
import zlib

PREFIX = "lore_"
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH, SECRET_LENGTH, CRC_LENGTH = 8, 30, 6
KEY_ID = re.compile(f"[0-9A-Za-z]{{{ID_LENGTH}}}")
API_KEY = re.compile(
    f"({PREFIX}({KEY_ID.pattern})_[0-9A-Za-z]{{{SECRET_LENGTH}}})([0-9A-Za-z]{{{CRC_LENGTH}}})"
)


def new_key_id() -> str:
    return _random(ID_LENGTH)


def new_key(key_id: str) -> str:
    """Returns a key with a new secret of 178 random bits."""
    text = f"{PREFIX}{key_id}_{_random(SECRET_LENGTH)}"
    return text + _crc(text)


def id_of(key: str) -> str | None:
    """Returns the id of a well-formed key; None for a text that cannot be one."""
    match = API_KEY.fullmatch(key)
    return match[2] if match and _crc(match[1]) == match[3] else None


def principal_id_of(key_id: str) -> str:
    """Returns the id of the principal that a key is."""
    return ":".join(("key", key_id))


def hash_of(key: str) -> str:
    """Returns what is stored instead of a key. A fast hash: no secret can be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))


def _crc(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(CRC_LENGTH):
        number, digit = divmod(number, len(BASE62))
        digits = BASE62[digit] + digits
    return digits
