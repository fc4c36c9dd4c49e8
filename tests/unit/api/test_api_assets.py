"""The browser client as the api serves it."""

import gzip
import re
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from api.modules import joined, needed
from tests.unit.api.desk import Desk

LIGHT = 12_000
"""Bytes of the client as it travels."""


def test_the_client_and_all_that_it_imports_are_served(desk: Desk) -> None:
    """Given the entry module / when its imports are followed / I expect each of them."""
    waiting, seen = ["/web/loresmith.js", "/web/loresmith-react-ui.js"], set()
    while waiting:
        path = waiting.pop()
        answer = desk.get(path)
        assert (answer.status_code, answer.headers["Content-Type"][:15]) == (200, "text/javascript")
        seen.add(path)
        folder = path.rpartition("/")[0]
        for name in re.findall(r'from "\./([^"]+)"', answer.text):
            if (found := f"{folder}/{name}") not in seen:
                waiting.append(found)

    assert seen == {"/web/loresmith.js", "/web/loresmith-react-ui.js", "/web/loresmith-react.js"}


def test_the_client_is_one_light_file(desk: Desk) -> None:
    with desk.client.stream("GET", "/web/loresmith.js") as packed:
        raw = b"".join(packed.iter_raw())

    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(raw) < LIGHT
    assert b"import " not in gzip.decompress(raw)


def test_the_one_file_is_the_client(desk: Desk, tmp_path: Path) -> None:
    """Given the sources, and the file that is served / when an engine loads both / I expect it to
    take both, and the same exports.
    """
    one = tmp_path / "one.mjs"
    one.write_text(desk.get("/web/loresmith.js").text)
    compare = """
        const [many, one] = await Promise.all(process.argv.slice(1).map((path) => import(path)));
        console.log(Object.keys(many).join(" "));
        console.log(Object.keys(one).join(" "));
    """
    sources = str(files("api") / "web" / "loresmith.js")

    told = subprocess.run(
        ["node", "--input-type=module", "-e", compare, sources, str(one)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout.splitlines()

    assert told[0] == told[1]
    assert "createJobsClient" in told[0]


def test_what_a_module_needs_comes_before_it() -> None:
    """Given two modules that need a third / I expect it once, in front of both."""
    names = needed(files("api") / "web", "loresmith.js")

    assert names[-2:] == ["client/client.js", "loresmith.js"]
    assert names.count("client/errors.js") == 1
    assert names.index("client/errors.js") < names.index("client/http.js")


@pytest.mark.parametrize("said", ['{ a as b } from "./b.js"', '* as b from "./b.js"'])
def test_an_import_that_cannot_be_joined(tmp_path: Path, said: str) -> None:
    (tmp_path / "b.js").write_text("export const a = 1;\n")
    (tmp_path / "main.js").write_text(f"import {said};\n")

    with pytest.raises(ValueError, match="Not a list of names"):
        joined(tmp_path, "main.js")


def test_it_is_packed_and_asked_for_once(desk: Desk) -> None:
    plain = desk.client.get("/web/loresmith.css", headers={"Accept-Encoding": "identity"})
    with desk.client.stream("GET", "/web/loresmith.css") as packed:
        raw = b"".join(packed.iter_raw())
    tag = plain.headers["ETag"]

    assert gzip.decompress(raw) == plain.content
    assert packed.headers["Content-Encoding"] == "gzip"
    assert desk.get("/web/loresmith.css", If_None_Match=tag).status_code == 304
    assert plain.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["../routes.py", "..%2froutes.py", "nothing.js", "client", "", "%2e%2e/app.py"]
)
def test_nothing_else_is_served(desk: Desk, path: str) -> None:
    answer = desk.get(f"/web/{path}")

    assert answer.status_code in (404, 405)
    assert "import" not in answer.text
