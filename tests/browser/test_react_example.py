"""The example application of the React hooks in a real browser."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import page_driver
from tests.browser.connection_cuts import CUTS, run_with_cut
from tests.browser.network import network_proxy
from tests.browser.react_example import MODULES, ExampleDriver, served_example
from tests.conftest import in_ci
from tests.stack import Stack, stack

PRICES = (300, 700)
"""Dollars per million tokens, input and output: up to 7.03 for three characters."""


@pytest.fixture(scope="module")
def example_port(system: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the example, which is served beside all processes."""
    if not MODULES.exists() and not in_ci():
        pytest.skip("no React: npm install in tests/web")
    with served_example(system, tmp_path_factory.mktemp("example")) as port:
        yield port


@pytest.fixture
def example(chromium: Browser, system: Stack, example_port: int) -> Iterator[ExampleDriver]:
    with page_driver(chromium, system, ExampleDriver) as driver:
        driver.url = f"http://127.0.0.1:{example_port}"
        yield driver


def test_the_example_recovers_its_job_after_the_page_was_closed(example: ExampleDriver) -> None:
    """Given the example / when characters are submitted, and the page is closed in the middle
    until they are done / I expect live text, then the job found, then the characters.
    """
    page = example.visit().page
    example.submit(theme="salt")
    expect(page.get_by_role("progressbar").first).to_be_visible()
    expect(page.locator("pre")).to_contain_text("characters")

    page = example.reopen().page
    expect(page.get_by_role("heading", name="Still being written")).to_be_visible()
    page.goto("about:blank")
    job_id = example.system.get("/jobs?limit=1")[1]["jobs"][0]["id"]
    example.system.wait_for(job_id, "completed")

    example.find_again("salt")
    example.expect_result()


def test_a_job_that_ends_after_a_reload_is_announced_with_its_result(
    example: ExampleDriver,
) -> None:
    """Given a running job / when the page is reloaded once, and the job ends / I expect a toast
    that leads to the characters, and none after the next reload.
    """
    example.visit().submit(theme="reloaded")
    expect(example.page.locator("pre")).to_contain_text("characters")
    example.page.reload()
    expect(example.page.get_by_role("heading", name="Still being written")).to_be_visible()

    example.page.get_by_role("button", name="View").click()
    example.expect_result()
    expect(example.page.get_by_role("button", name="View")).to_have_count(0)
    example.page.reload()
    expect(example.page.get_by_role("button", name="Write three characters")).to_be_visible()
    expect(example.page.locator(".ls-toast")).to_have_count(0)


@pytest.mark.parametrize("name", CUTS)
def test_a_cut_connection_ends_in_one_job_and_its_result(
    example: ExampleDriver, example_port: int, name: str
) -> None:
    """Given a cut at this point / I expect one job, one purchase, and the characters shown."""
    with network_proxy(example_port) as proxy:
        run_with_cut(name, example, proxy, f"cut-{uuid4().hex[:8]}")


def test_a_cheaper_request_is_taken_on_a_click(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Given a cost that requires confirmation / when the cheaper request is clicked / I expect a
    job for one character, confirmed at its price.
    """
    folder = tmp_path_factory.mktemp("priced")
    env = {"LORESMITH_CONFIRM_COST_ABOVE": "5", "LORESMITH_MAX_JOB_COST": "20"}
    with (
        stack(folder, seconds=1, chunks=10, prices=PRICES, env=env) as system,
        served_example(system, folder / "example") as port,
        page_driver(chromium, system, ExampleDriver) as driver,
    ):
        driver.expect_statuses(428)
        driver.url = f"http://127.0.0.1:{port}"
        driver.visit().submit(theme="cheaper")
        dialog = driver.page.get_by_role("dialog")
        expect(dialog).to_contain_text("This job could cost up to $7.")
        dialog.get_by_role("button", name="Count 2, at most $").or_(
            dialog.get_by_role("button", name="Count 1, at most $")
        ).click()
        expect(dialog).to_have_count(0)
        expect(driver.page.locator("li strong").first).to_be_visible()
        (job,) = system.get("/jobs?include=payload")[1]["jobs"]

    assert job["payload"]["count"] < 3
    assert job["cost"]["estimate_max"] < 7
