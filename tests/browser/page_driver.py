"""Drives the page in a browser, in the verbs of a person."""

import re
from contextlib import suppress
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, expect

from tests.stack import Stack

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
TIMEOUT_MS = 30_000
VIEWPORT: Any = {"width": 1280, "height": 860}
CONNECTION_ERROR = re.compile(
    r"net::ERR_(INTERNET_DISCONNECTED|CONNECTION_\w+|INCOMPLETE_\w+|EMPTY_\w+)"
)

expect.set_options(timeout=TIMEOUT_MS)


class PageDriver:
    """A browser with one open page.

    `console_errors`: what its pages logged as errors, threw or rejected without a handler, without
    the errors that the test expects; those of connections that a test cut always are.
    """

    def __init__(self, context: BrowserContext, system: Stack) -> None:
        self.context = context
        self.system = system
        self.url = system.url
        self.console_errors: list[str] = []
        self._expected = [CONNECTION_ERROR]
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._note(str(error.error)))
        self.page = context.new_page()

    def visit(self, path: str = "/") -> "PageDriver":
        self.page.goto(self.url + path)
        return self

    def reopen(self, path: str = "/") -> "PageDriver":
        """Closes the page and opens another in the same browser."""
        self.page.close()
        self.page = self.context.new_page()
        return self.visit(path)

    def crash(self) -> None:
        """Kills the process of the tab, and opens another tab without an address."""
        dead = self.page
        with suppress(Error), dead.expect_event("crash"):
            dead.goto("chrome://crash")
        self.page = self.context.new_page()
        dead.close()

    def expect_errors(self, pattern: str) -> None:
        """Allows console errors that match."""
        self._expected.append(re.compile(pattern))

    def expect_statuses(self, *statuses: int) -> None:
        """Allows what Chromium logs for each response with these statuses."""
        self.expect_errors(f"status of ({'|'.join(map(str, statuses))})")

    def submit(self, *, type: str = "generate_relics", wait: bool = True, **payload: Any) -> str:
        """Fills in the form and submits it. Returns the id of the job ("" with `wait=False`)."""
        self.page.get_by_role("button", name="New job").click()
        form = self.page.get_by_role("region", name="New job")
        form.get_by_label("Job type").select_option(type)
        for name, value in payload.items():
            form.locator(f"#field-{name}").fill(str(value))
        form.locator("button[type=submit]").click()
        if not wait:
            return ""
        self.page.wait_for_url(re.compile(r"[?&]job="))
        return self.page.url.partition("job=")[2].partition("&")[0]

    @property
    def job(self) -> Locator:
        """The panel of the open job."""
        return self.page.get_by_role("region", name="Job", exact=True)

    @property
    def rows(self) -> Locator:
        return self.page.locator(".rows li")

    def expect_status(self, word: str) -> None:
        expect(self.job.locator(".badge").first).to_have_text(word)

    def expect_result(self) -> None:
        """Waits for the result of the open job."""
        self.expect_status("done")
        expect(self.job.locator(".card").first).to_be_visible()

    def find_again(self, theme: str) -> None:
        """Opens the page again, and the job with this theme."""
        self.visit(f"/?q={theme}")
        self.rows.first.click()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def overflowing(self) -> list[str]:
        """The boxes of the page that would need to scroll sideways."""
        selectors: list[str] = self.page.evaluate(
            """["html", "main", ".pane", ".rows", ".panel"].filter((name) =>
                [...document.querySelectorAll(name)].some((box) =>
                    box.scrollWidth > box.clientWidth + 1))"""
        )
        return selectors

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"{message.text} {message.location.get('url', '')}")

    def _note(self, error: str) -> None:
        if not any(pattern.search(error) for pattern in self._expected):
            self.console_errors.append(error)
