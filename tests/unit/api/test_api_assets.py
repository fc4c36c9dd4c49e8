"""The browser client as the api serves it."""

import gzip
import re

import pytest

from tests.unit.api.desk import Desk


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

    assert "/web/client/client.js" in seen


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
