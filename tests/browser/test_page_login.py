"""The page of a server that demands credentials: log in, work, manage keys, log out."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from loresmith.api.auth.key_format import id_of
from tests.browser.conftest import page_driver
from tests.browser.page_driver import PageDriver
from tests.integration.api_process import new_key
from tests.stack import Stack, request, stack


@pytest.fixture(scope="module")
def closed_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All processes, with a Redis of their own: no other test has made keys in it."""
    folder = tmp_path_factory.mktemp("closed")
    env = {"LORESMITH_AUTH": "required"}
    with stack(folder, seconds=1, chunks=10, env=env) as running:
        yield running


@pytest.fixture
def admin(closed_system: Stack) -> str:
    """The key of an admin."""
    terms = {"name": "ann's laptop", "user_id": "ann"}
    return new_key(closed_system.redis_server.url, closed_system.directory, **terms)


@pytest.fixture
def driver(chromium: Browser, closed_system: Stack) -> Iterator[PageDriver]:
    """A browser at that system, which refuses what is asked before a log-in."""
    with page_driver(chromium, closed_system) as driver:
        driver.expect_statuses(401)
        yield driver


def log_in(driver: PageDriver, key: str) -> None:
    driver.page.get_by_label("API key", exact=True).fill(key)
    driver.page.get_by_role("button", name="Log in").click()


def test_a_day_at_a_closed_server(driver: PageDriver, admin: str) -> None:
    """Given a key / I expect a wrong one to be refused with a remedy, a job to run, a new key to be
    shown once and revoked, and after the log-out a cookie that is worth nothing.
    """
    page = driver.visit("/?view=keys").page
    log_in(driver, "lore_wrong")
    expect(page.get_by_role("alert")).to_contain_text("Check that it is copied whole")
    expect(page.get_by_label("API key", exact=True)).to_be_focused()
    log_in(driver, admin)

    expect(page.get_by_role("region", name="Keys")).to_be_visible()
    expect(page.locator(".head")).to_contain_text("ann's laptop")
    driver.submit(theme="salt")
    driver.expect_result()
    page.get_by_role("link", name="Keys").click()
    page.get_by_text("Create a key").click()
    page.get_by_label("Name").fill("ci")
    page.get_by_label("jobs:read").check()
    page.get_by_role("button", name="Create the key").click()
    secret = page.locator(".new-secret pre").inner_text()
    assert ask(driver, secret) == 200
    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text(secret)).to_have_count(0)
    card = page.locator(f'[data-key="{id_of(secret)}"]')
    expect(card).to_contain_text("jobs:read")
    page.get_by_role("button", name="Revoke ci").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(card).to_contain_text("Revoked")
    assert ask(driver, secret) == 401

    cookie = driver.context.cookies()[0]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("API key", exact=True)).to_be_visible()
    assert driver.context.cookies() == []
    headers = {"Cookie": f"lore={cookie['value']}"}
    assert request("GET", f"{driver.url}/jobs", headers=headers)[0] == 401


def ask(driver: PageDriver, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return request("GET", f"{driver.url}/jobs", headers=headers)[0]


def test_a_session_that_ends_in_the_middle(driver: PageDriver, admin: str) -> None:
    """Given a form that is filled in / when the session ends, and its user logs in again
    / I expect the same form, as it was, and live events.
    """
    page = driver.visit("/?new=generate_relics").page
    log_in(driver, admin)
    theme = page.locator("#field-theme")
    theme.fill("unsent words")
    value = driver.context.cookies()[0]["value"]
    headers = {"Cookie": f"lore={value}", "Sec-Fetch-Site": "same-origin"}
    request("DELETE", f"{driver.url}/session", headers=headers)

    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(theme).to_be_hidden()
    log_in(driver, admin)

    expect(theme).to_have_value("unsent words")
    page.locator(".form button[type=submit]").click()
    page.wait_for_url(re.compile(r"[?&]job="))
    driver.expect_result()
