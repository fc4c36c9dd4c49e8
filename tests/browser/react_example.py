"""The example application of the React hooks, served as its README says, and a driver for it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.page_driver import PageDriver
from tests.servers import free_port
from tests.stack import ROOT, Stack, request
from tests.waiting import wait_until

MODULES = ROOT / "tests" / "web" / "node_modules"


class ExampleDriver(PageDriver):
    """A browser at the example."""

    def submit(self, *, wait: bool = True, theme: str, **options: Any) -> str:
        """Submits a job for characters; returns "", because the example shows no id."""
        self.page.get_by_label("Theme").fill(theme)
        self.page.get_by_role("button", name="Write three characters").click()
        return ""

    def expect_result(self) -> None:
        expect(self.page.locator("li strong")).to_have_count(3)

    def find_again(self, theme: str) -> None:
        """Opens the application again, and the result that it announces."""
        self.visit()
        self.page.get_by_role("button", name="View").click()


@contextmanager
def served_example(system: Stack, folder: Path) -> Iterator[int]:
    """Serves a copy of the example from `folder`; yields its port."""
    source, copy = ROOT / "examples" / "react", folder / "examples" / "react"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("node_modules"))
    (copy / "node_modules").symlink_to(MODULES)
    (folder / "api").symlink_to(ROOT / "api")
    port = free_port()
    env = {"PORT": str(port), "PATH": os.environ["PATH"]}
    with subprocess.Popen(["node", "serve.js", system.url], cwd=copy, env=env) as server:
        try:
            health = f"http://127.0.0.1:{port}/healthz"
            wait_until(lambda: request("GET", health)[0] == 200, "the example is served")
            yield port
        finally:
            server.terminate()
