"""What somebody does at the page, in verbs."""

import re
from contextlib import suppress
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, expect

from tests.stack import Stack

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE_MS = 30_000
NETWORK_GONE = re.compile(
    r"net::ERR_(INTERNET_DISCONNECTED|CONNECTION_\w+|INCOMPLETE_\w+|EMPTY_\w+)"
)

expect.set_options(timeout=PATIENCE_MS)


class Visitor:
    """A browser with one open page. `complaints`: errors that it noted, those of a network that the
    test took away left out.
    """

    def __init__(self, context: BrowserContext, system: Stack) -> None:
        self.context = context
        self.system = system
        self.url = system.url
        self.complaints: list[str] = []
        self.page = self._opened()

    def visit(self, place: str = "/") -> "Visitor":
        self.page.goto(self.url + place)
        return self

    def come_back(self, place: str = "/") -> "Visitor":
        """Closes the page, and opens it anew in the same browser."""
        self.page.close()
        self.page = self._opened()
        return self.visit(place)

    def crash(self) -> None:
        """The tab's process dies; another tab is opened, at no address yet."""
        dead = self.page
        with suppress(Error), dead.expect_event("crash"):
            dead.goto("chrome://crash")
        self.page = self._opened()
        dead.close()

    def submit(self, *, type: str = "generate_relics", wait: bool = True, **payload: Any) -> str:
        """Fills in the form and sends it; answers the id of the job, from the address ("" where
        nobody waits for it).
        """
        self.page.get_by_role("button", name="New job").click()
        form = self.page.get_by_role("region", name="New job")
        form.get_by_label("What", exact=True).select_option(type)
        for name, value in payload.items():
            form.locator(f"#field-{name}").fill(str(value))
        form.locator("button[type=submit]").click()
        if not wait:
            return ""
        self.page.wait_for_url(re.compile(r"[?&]job="))
        return self.page.url.partition("job=")[2].partition("&")[0]

    @property
    def job(self) -> Locator:
        """The panel of the job that is open."""
        return self.page.get_by_role("region", name="Job", exact=True)

    @property
    def rows(self) -> Locator:
        return self.page.locator(".rows li")

    def expect_status(self, word: str) -> None:
        expect(self.job.locator(".badge").first).to_have_text(word)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def too_wide(self) -> list[str]:
        """What of the page's own boxes would have to be scrolled sideways."""
        found: list[str] = self.page.evaluate(
            """["html", "main", ".pane", ".rows", ".panel"].filter((name) =>
                [...document.querySelectorAll(name)].some((box) =>
                    box.scrollWidth > box.clientWidth + 1))"""
        )
        return found

    def _opened(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not NETWORK_GONE.search(message.text):
            self.complaints.append(f"{message.text} {message.location.get('url', '')}")
