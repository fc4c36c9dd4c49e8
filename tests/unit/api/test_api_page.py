"""The page at `/`: what it loads, and what it forbids itself."""

import re

from tests.unit.api.desk import Desk

LIGHT = 200_000
"""Bytes of everything that a browser loads for the page, as it travels."""


def test_it_may_do_nothing_but_run_its_own_files(desk: Desk) -> None:
    """Given the page / I expect no script or style in it, and a policy that allows neither."""
    page = desk.get("/")

    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", page.text) == []


def test_all_that_it_loads_is_here_and_light(desk: Desk) -> None:
    """Given the page / when links and imports are followed / I expect every file, from here."""
    seen, weight = set[str](), 0
    waiting = re.findall(r'(?:src|href)="(/web/[^"]+)"', desk.get("/").text)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        with desk.client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as packed:
            assert packed.status_code == 200, path
            weight += len(b"".join(packed.iter_raw()))
        waiting += _imports(path, desk.get(path).text)

    assert {"/web/page/page.css", "/web/vendor/preact.js", "/web/loresmith.js"} <= seen
    assert weight < LIGHT


def test_it_names_its_modules_at_once(desk: Desk) -> None:
    """Given the page / when its modules' imports are followed / I expect none that it did not
    name itself: the browser need not read one to learn of the next.
    """
    named = re.findall(r'modulepreload" href="([^"]+)"', desk.get("/").text)

    assert "/web/page/main.js" in named
    assert {one for path in named for one in _imports(path, desk.get(path).text)} <= set(named)


def _imports(path: str, text: str) -> list[str]:
    found = []
    for name in re.findall(r'(?:from|import) ?"(\.[^"]+)"', text):
        parts = path.rpartition("/")[0].split("/")
        for step in name.split("/"):
            if step == "..":
                parts.pop()
            elif step != ".":
                parts.append(step)
        found.append("/".join(parts))
    return found
