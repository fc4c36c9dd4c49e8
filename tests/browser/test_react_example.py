"""The example application of the React hooks, as its README starts it, in a real browser."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.architecture.tree import ROOT
from tests.browser.conftest import desk
from tests.browser.visitor import Visitor
from tests.conftest import in_ci
from tests.servers import free_port
from tests.stack import Stack, request
from tests.waiting import wait_until

MODULES = ROOT / "tests" / "web" / "node_modules"


@pytest.fixture
def reader(chromium: Browser, system: Stack, tmp_path: Path) -> Iterator[Visitor]:
    """Somebody who has the example open, beside the whole system."""
    if not MODULES.exists() and not in_ci():
        pytest.skip("no React: npm install in tests/web")
    example, folder = ROOT / "examples" / "react", tmp_path / "examples" / "react"
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns("node_modules"))
    (folder / "node_modules").symlink_to(MODULES)
    (tmp_path / "api").symlink_to(ROOT / "api")
    port = free_port()
    with (
        desk(chromium, system) as someone,
        subprocess.Popen(
            ["node", "serve.js", system.url],
            cwd=folder,
            env={"PORT": str(port), "PATH": os.environ["PATH"]},
        ) as server,
    ):
        someone.url = f"http://127.0.0.1:{port}"
        try:
            wait_until(
                lambda: request("GET", f"{someone.url}/healthz")[0] == 200, "the example is served"
            )
            yield someone
        finally:
            server.terminate()


def test_characters_are_written_left_and_found_again(reader: Visitor) -> None:
    """Given the example / when characters are asked for, and the page is closed in the middle, and
    again until they are written / I expect live text, then the job found, then the characters.
    """
    page = reader.visit().page
    page.get_by_label("Theme").fill("salt")
    page.get_by_role("button", name="Write three characters").click()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    expect(page.locator("pre")).to_contain_text("characters")

    page = reader.come_back().page
    expect(page.get_by_role("heading", name="Still being written")).to_be_visible()
    page.goto("about:blank")
    job_id = reader.system.get("/jobs?limit=1")[1]["jobs"][0]["id"]
    reader.system.wait_for(job_id, "completed")

    page = reader.visit().page
    page.get_by_role("button", name="View").click()
    expect(page.locator("li")).to_have_count(3)
