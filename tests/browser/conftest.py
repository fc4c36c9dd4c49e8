"""A headless Chromium, and all processes.

Fixtures have package scope: Playwright's event loop must end before other tests begin.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.page_driver import ARGUMENTS, VIEWPORT, PageDriver
from tests.conftest import in_ci
from tests.stack import Stack, stack

Driver = TypeVar("Driver", bound=PageDriver)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None and not in_ci():
        pytest.skip("no chromium on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All processes; the model takes 4 s for an answer."""
    with stack(tmp_path_factory.mktemp("browser"), seconds=4, chunks=40) as running:
        yield running


@pytest.fixture
def driver(chromium: Browser, system: Stack) -> Iterator[PageDriver]:
    """A fresh browser. An error in the console of any of its pages fails the test."""
    with page_driver(chromium, system) as driver:
        yield driver


@contextmanager
def page_driver(
    chromium: Browser,
    system: Stack,
    driver_type: type[Driver] = PageDriver,  # type: ignore[assignment]
) -> Iterator[Driver]:
    context = chromium.new_context(viewport=VIEWPORT)
    driver = driver_type(context, system)
    yield driver
    errors = list(driver.console_errors)
    context.close()
    assert errors == []
