"""The page at `/`: what it loads, and what its policy forbids."""

import re

from tests.unit.api.harness import ApiHarness

MAX_PAGE_BYTES = 60_000
"""Compressed: everything that a browser loads for the page."""


def test_the_policy_allows_only_files_of_this_server(api: ApiHarness) -> None:
    """Given the page / I expect no script or style in it, and a policy that allows neither."""
    page = api.get("/")

    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=", page.text) == []


def test_every_file_it_loads_is_served_and_small(api: ApiHarness) -> None:
    """Given the page / when its links are followed / I expect files that import no others."""
    paths = re.findall(r'(?:src|href)="(static/[^"]+)"', api.get("/").text)
    size = 0
    for path in paths:
        with api.client.stream("GET", f"/{path}", headers={"Accept-Encoding": "gzip"}) as response:
            assert response.status_code == 200, path
            size += len(b"".join(response.iter_raw()))
        assert not re.search(r'(?:from|import) ?"', api.get(f"/{path}").text), path

    assert {"static/page/page.css", "static/page.js"} <= set(paths)
    assert size < MAX_PAGE_BYTES
