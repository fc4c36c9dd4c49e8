"""The examples of docs/browser.md run as they are written, with the packed npm package."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Response, Route, expect

from tests.browser.page_driver import PageDriver
from tests.browser.react_example import MODULES
from tests.conftest import in_ci
from tests.stack import ROOT
from tests.waiting import wait_until

DOCS = (ROOT / "docs/browser.md").read_text(encoding="utf-8")
WEB = ROOT / "tests" / "web"
INSTALL = 'import { install } from "./installed.js"; install(process.argv[1]);'
MOUNT = """
import { createRoot } from "react-dom/client";
createRoot(document.getElementById("app")).render(<Page />);
"""
PAGE = """<!doctype html>
<link rel="stylesheet" href="/static/loresmith.css">
<div id="app"></div>
<script type="module" src="/example.js"></script>"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as a user installs it."""
    if not MODULES.exists() and not in_ci():
        pytest.skip("no esbuild: npm install in tests/web")
    folder = tmp_path_factory.mktemp("project")
    command = ["node", "--input-type=module", "-e", INSTALL, str(folder)]
    subprocess.run(command, cwd=WEB, check=True, timeout=60)
    return folder


@pytest.fixture
def example(driver: PageDriver, project: Path) -> PageDriver:
    """A browser in which `/example` of the api is a page with the bundled example."""
    driver.page.route(
        "**/example", lambda route: route.fulfill(body=PAGE, content_type="text/html")
    )
    driver.page.route("**/example.js", lambda route: _fulfill(route, project))
    return driver


def _fulfill(route: Route, project: Path) -> None:
    text = (project / "bundle.js").read_text(encoding="utf-8")
    route.fulfill(body=text, content_type="text/javascript")


def bundle(project: Path, language: str, more: str = "") -> None:
    """Bundles the one block of this language."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", DOCS, re.DOTALL | re.MULTILINE)
    source = project / f"example.{language}"
    source.write_text(block + more, encoding="utf-8")
    esbuild = [str(MODULES / ".bin" / "esbuild"), source.name, "--bundle", "--format=esm"]
    options = ["--jsx=automatic", "--target=es2022", "--outfile=bundle.js", "--log-level=error"]
    subprocess.run([*esbuild, *options], cwd=project, check=True, timeout=60)


def test_the_example_of_the_client(example: PageDriver, project: Path) -> None:
    """Given the example in a page / I expect what it logs to end with the names of the result."""
    bundle(project, "js")
    logged: list[str] = []
    example.page.on("console", lambda message: logged.append(message.text))

    with example.page.expect_response(_is_submitted) as submitted:
        example.visit("/example")
    job = example.system.wait_for(submitted.value.json()["id"], "completed")

    names = [character["name"] for character in job["result"]]
    wait_until(lambda: _said(example, logged, names), "the names are logged")
    assert logged[0] == "0 running, 0 ended while away"


def _is_submitted(response: Response) -> bool:
    return response.request.method == "POST" and response.url.endswith("/jobs")


def _said(driver: PageDriver, logged: list[str], names: list[str]) -> bool:
    driver.page.evaluate("0")  # lets Playwright deliver its events
    return logged[-len(names) :] == names


def test_the_example_of_the_hooks(example: PageDriver, project: Path) -> None:
    """Given the example's component / when its button is pressed / I expect three characters."""
    bundle(project, "tsx", MOUNT)
    example.visit("/example")

    example.page.get_by_role("button", name="Write three characters").click()

    expect(example.page.get_by_role("progressbar")).to_be_visible()
    expect(example.page.get_by_role("listitem")).to_have_count(3)
