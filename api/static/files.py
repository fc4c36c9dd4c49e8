"""Serves the files of this folder: `GET /static/loresmith.js`."""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.conditional import matches_etag
from loresmith.api.http.params import Parameter
from loresmith.api.http.problems import Problem, truncated
from loresmith.api.openapi.operation import ResponseSpec, operation

MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".ts": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""By file name extension. Files with any other extension are not served."""
PATH = Parameter("path", "path", "A file, for example loresmith.js", required=True)


@dataclass(frozen=True)
class StaticFile:
    content: bytes
    media_type: str

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.content, 9)

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'


class StaticFiles:
    """Serves files from memory, so that no path can lead out of the folder."""

    @operation(
        "A file of the browser client",
        {
            200: ResponseSpec("The file.", headers=("ETag",), media_type="text/javascript"),
            304: ResponseSpec("The client has it already.", headers=("ETag",)),
        },
        scope="public",
        problems=("not-found",),
        parameters=(PATH,),
    )
    async def file(self, request: Request) -> Response:
        """Serves ES modules: `import { createJobsClient } from "/static/loresmith.js"`."""
        path: str = request.path_params["path"]
        file = self._files.get(path)
        if file is None:
            raise Problem("not-found", f"There is no file /static/{truncated(path)}.")
        headers = {"ETag": file.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if matches_etag(request, file.etag):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.compressed, headers=headers, media_type=file.media_type)
        return Response(file.content, headers=headers, media_type=file.media_type)

    @cached_property
    def _files(self) -> dict[str, StaticFile]:
        return dict(_read(files(__package__), ""))


def _read(folder: Traversable, prefix: str) -> Iterator[tuple[str, StaticFile]]:
    for entry in folder.iterdir():
        extension = "." + entry.name.rpartition(".")[2]
        if entry.is_dir():
            yield from _read(entry, f"{prefix}{entry.name}/")
        elif extension in MEDIA_TYPES:
            yield prefix + entry.name, StaticFile(entry.read_bytes(), MEDIA_TYPES[extension])
