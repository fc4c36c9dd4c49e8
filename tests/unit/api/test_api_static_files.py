"""The files of the browser client, as the api serves them."""

import gzip
import re

import pytest

from tests.unit.api.harness import ApiHarness

MAX_CLIENT_BYTES = 12_000
"""Compressed."""


@pytest.mark.parametrize(
    ("name", "imports"),
    [
        ("loresmith.js", set()),
        ("loresmith-react.js", {"react", "./loresmith.js"}),
        ("loresmith-react-ui.js", {"react", "./loresmith.js", "./loresmith-react.js"}),
    ],
)
def test_each_module_is_one_file_and_imports_only_the_others(
    api: ApiHarness, name: str, imports: set[str]
) -> None:
    answer = api.get(f"/static/{name}")

    assert (answer.status_code, answer.headers["Content-Type"][:15]) == (200, "text/javascript")
    assert set(re.findall(r'\bfrom ?"([^"]+)"', answer.text)) == imports


def test_the_client_is_small(api: ApiHarness) -> None:
    with api.client.stream("GET", "/static/loresmith.js") as response:
        raw = b"".join(response.iter_raw())

    assert response.headers["Content-Encoding"] == "gzip"
    assert len(raw) < MAX_CLIENT_BYTES


def test_a_file_is_compressed_where_the_browser_accepts_it(api: ApiHarness) -> None:
    plain = api.client.get("/static/loresmith.css", headers={"Accept-Encoding": "identity"})
    with api.client.stream("GET", "/static/loresmith.css") as response:
        raw = b"".join(response.iter_raw())

    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert response.headers["Content-Encoding"] == "gzip"
    assert plain.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unchanged_file_is_not_sent_again(api: ApiHarness) -> None:
    first = api.get("/static/loresmith.css")
    second = api.get("/static/loresmith.css", If_None_Match=first.headers["ETag"])

    assert (second.status_code, second.content) == (304, b"")
    assert first.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "../routes.py",
        "..%2froutes.py",
        "%2e%2e/app.py",
        "files.py",
        "page/index.html",
        "nothing.js",
        "client",
        "",
    ],
)
def test_only_files_for_browsers_are_served(api: ApiHarness, path: str) -> None:
    """Given the name of a file elsewhere, of another kind, or of none / I expect 404."""
    answer = api.get(f"/static/{path}")

    assert answer.status_code in (404, 405)
    assert "import" not in answer.text
