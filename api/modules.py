"""ES modules as they are served: which ones a module needs, and many of them as one.

A browser learns of a module when it has read the one that imports it, so a graph of sixteen files
costs as many round trips as it is deep. The browser client is served as one file; the page names
its modules in its head, and the browser loads them side by side.

Only imports as our own sources write them are understood: at the beginning of a line, on one line.
"""

import re
from collections.abc import Collection
from importlib.resources.abc import Traversable
from posixpath import dirname, join, normpath

_FROM = re.compile(r'^(import|export) ([^;"]+) from "([^"]+)";\n', re.M)
_NAMES = re.compile(r"\{\s*\w+(?:,\s*\w+)*,?\s*\}")
_COMMENT = re.compile(r"^[ \t]*(?:/\*\*.*?\*/[ \t]*|//[^\n]*)\n", re.M | re.S)
_DECLARED = re.compile(r"^export (?=(?:async function|function|class|const|let) (\w+))", re.M)


def needed(root: Traversable, name: str, *, apart: Collection[str] = ()) -> list[str]:
    """The module and all that it imports by a relative path, each after those it needs itself.

    `apart`: modules whose own imports are not followed.
    """
    seen, found = set[str](), list[str]()

    def visit(one: str) -> None:
        if one in seen:
            return
        seen.add(one)
        imported = [] if one in apart else _FROM.findall(_text(root, one))
        for _, _, path in imported:
            if path.startswith("."):
                visit(normpath(join(dirname(one), path)))
        found.append(one)

    visit(name)
    return found


def joined(root: Traversable, name: str) -> str:
    """The module with all that it imports, as one module with the same exports; comments that have
    lines of their own are left out.

    Raises ValueError for an import that is not a list of names. Two of the modules that give one
    name to different things make a module that no engine takes: the client's tests load it.
    """
    inside = "".join(_inside(_text(root, one)) for one in needed(root, name))
    return f"// One file of many: what is in it, with comments, is beside it.\n{inside}" + (
        f"export {{ {', '.join(_exports(_text(root, name)))} }};\n"
    )


def _inside(text: str) -> str:
    """A module's own code, to stand among that of others."""
    for _, names, path in _FROM.findall(text):
        if not _NAMES.fullmatch(names) or not path.startswith("."):
            raise ValueError(f'Not a list of names from a file of ours: {names} from "{path}"')
    return re.sub(r"\n{2,}", "\n", _DECLARED.sub("", _FROM.sub("", _COMMENT.sub("", text))))


def _exports(text: str) -> list[str]:
    listed = [names for kind, names, _ in _FROM.findall(text) if kind == "export"]
    return sorted({*_DECLARED.findall(text), *re.findall(r"\w+", " ".join(listed))})


def _text(root: Traversable, name: str) -> str:
    return root.joinpath(name).read_text(encoding="utf-8")
