"""A headless Chromium, and the whole system for it to look at.

Of the package, not of the session: Playwright's event loop must have ended when other tests begin.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visitor import ARGUMENTS, Visitor
from tests.conftest import in_ci
from tests.stack import Stack, stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None and not in_ci():
        pytest.skip("no chromium on PATH")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All processes; the model takes 4 s for an answer."""
    with stack(tmp_path_factory.mktemp("browser"), seconds=4, chunks=40) as running:
        yield running


@pytest.fixture
def visitor(chromium: Browser, system: Stack) -> Iterator[Visitor]:
    """Somebody with a fresh browser at a desk; whatever the browser complains of fails the test."""
    with desk(chromium, system) as someone:
        yield someone


@contextmanager
def desk(chromium: Browser, system: Stack) -> Iterator[Visitor]:
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    someone = Visitor(context, system)
    yield someone
    complaints = list(someone.complaints)
    context.close()
    assert complaints == []
