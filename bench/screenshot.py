"""Makes docs/images/page.png: the page with finished jobs and a world in progress.

    python -m bench.screenshot

Starts everything on free ports (offline model), needs Playwright and a Chromium on PATH.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.page_driver import ARGUMENTS
from tests.stack import ROOT, Stack, stack

IMAGE = ROOT / "docs" / "images" / "page.png"
SIZE = {"width": 1360, "height": 850}
THEMES = {
    "generate_relics": "a drowned cathedral",
    "generate_factions": "guilds of a floating market",
    "generate_events": "the last dry century",
    "generate_settings": "roads that move",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=IMAGE)
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        stack(Path(folder), seconds=4, env={"LORESMITH_MODEL": "offline-lore-1"}) as system,
    ):
        shown = furnish(system)
        options.to.parent.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=shutil.which("chromium"), args=ARGUMENTS
            )
            page = browser.new_page(viewport=SIZE, color_scheme=options.scheme)  # type: ignore[arg-type]
            page.goto(f"{system.url}/?job={shown}")
            settle(page)
            page.screenshot(path=options.to)
            browser.close()
    print(f"{options.to}: {options.to.stat().st_size // 1000} kB")


def furnish(system: Stack) -> str:
    """Submits finished, cancelled and running jobs; returns the one to show."""
    for job_type, theme in THEMES.items():
        system.wait_for(system.submit(job_type, theme=theme), "completed")
    cancelled = system.submit("generate_characters", theme="a change of mind")
    system.post(f"/jobs/{cancelled}/cancel", {})
    return system.submit("create_world", theme="a city of salt and bells", user_id="demo")


def settle(page: Page) -> None:
    """Waits until the third part of the world is in progress."""
    page.locator(".steps .now", has_text="Characters").wait_for(timeout=60_000)
    page.locator(".live .card", has_text=" years").nth(1).wait_for()
    page.wait_for_timeout(500)  # the bar glides to its place


if __name__ == "__main__":
    main()
