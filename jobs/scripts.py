"""The Lua scripts, loaded once from `jobs/lua` and called by file name.

A script is sent by its SHA; a server that does not know it yet (after a restart) is given the
source. This works the same on a plain client, an asyncio one and inside a pipeline, which is why
redis-py's own `Script` object, which needs its client beforehand, is not used.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

PRELUDE = ("_common", "_indexes", "_windows", "_budgets", "_money", "_life")
"""Parts that are put before every script, in this order: a later one uses the earlier ones."""


@dataclass(frozen=True)
class Script:
    """One Lua file together with the parts it is built on."""

    name: str
    source: str
    sha: str


@cache
def script(name: str) -> Script:
    """The script of `jobs/lua/{name}.lua`."""
    folder = files("jobs") / "lua"
    parts = [folder / f"{part}.lua" for part in (*PRELUDE, name)]
    source = "".join(part.read_text(encoding="utf-8") for part in parts)
    digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
    return Script(name, source, digest)


def names() -> list[str]:
    """Names of all scripts, sorted."""
    found = (entry.name for entry in (files("jobs") / "lua").iterdir())
    return sorted(
        name.removesuffix(".lua")
        for name in found
        if name.endswith(".lua") and not name.startswith("_")
    )


def flat(fields: dict[str, Any]) -> list[Any]:
    """A mapping as the flat list of names and values that scripts take; None is left out."""
    return [part for name, value in fields.items() if value is not None for part in (name, value)]


def pairs(reply: list[str]) -> dict[str, str]:
    """A flat reply of names and values as a mapping."""
    return dict(zip(reply[::2], reply[1::2], strict=True))
