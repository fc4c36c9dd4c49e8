"""The browser client and the page, as files: `GET /web/loresmith.js`.

The client, many modules in the sources, is served as one. All is read and packed once, when
somebody first asks; nothing outside `api/web` can be named.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response

from api.modules import joined
from api.operation import Answer, Parameter, operation
from api.problems import Problem, echo
from api.views import known_tags

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".ts": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
CLIENT = "loresmith.js"
PATH = Parameter("path", "path", "A file, for example loresmith.js", required=True)


@dataclass(frozen=True)
class Asset:
    """One file."""

    content: bytes
    packed: bytes
    media_type: str

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'


class Assets:
    """The route of the files."""

    @operation(
        "A file of the browser client",
        {
            200: Answer("The file.", headers=("ETag",), media_type="text/javascript"),
            304: Answer("The client has it already.", headers=("ETag",)),
        },
        problems=("not-found",),
        parameters=(PATH,),
    )
    async def file(self, request: Request) -> Response:
        """Plain ES modules: `import { createJobsClient } from "/web/loresmith.js"`."""
        name: str = request.path_params["path"]
        asset = self._all.get(name)
        if asset is None:
            raise Problem("not-found", f"There is no file /web/{echo(name)}.")
        headers = {"ETag": asset.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if asset.etag in known_tags(request):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            packed = headers | {"Content-Encoding": "gzip"}
            return Response(asset.packed, headers=packed, media_type=asset.media_type)
        return Response(asset.content, headers=headers, media_type=asset.media_type)

    @cached_property
    def _all(self) -> dict[str, Asset]:
        root = files("api") / "web"
        return dict(_found(root, "")) | {CLIENT: _asset(joined(root, CLIENT).encode(), ".js")}


def _found(folder: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    """All files below a folder that a browser has a use for."""
    found: list[tuple[str, Asset]] = []
    for entry in folder.iterdir():
        name = prefix + entry.name
        if entry.is_dir():
            found += _found(entry, f"{name}/")
        elif (kind := "." + entry.name.rpartition(".")[2]) in TYPES:
            found.append((name, _asset(entry.read_bytes(), kind)))
    return found


def _asset(content: bytes, kind: str) -> Asset:
    return Asset(content, gzip.compress(content, 9), TYPES[kind])
