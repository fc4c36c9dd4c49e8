"""Model output is only ever text; the page is accessible and fits a phone."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.page_driver import PageDriver
from tests.conftest import in_ci
from tests.stack import ROOT

HOSTILE = (
    '<img src=x onerror="window.hacked=1"><script>window.hacked=2</script>'
    '<a href="javascript:window.hacked=3">x</a><svg onload="window.hacked=4">'
)
AXE = ROOT / "tests" / "web" / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 390, "height": 844}


def hostile(value: Any) -> Any:
    """The same shape with markup in every text."""
    if isinstance(value, dict):
        return {HOSTILE + name: hostile(one) for name, one in value.items()} | {
            name: hostile(one) for name, one in value.items()
        }
    if isinstance(value, list):
        return [hostile(one) for one in value]
    return HOSTILE + value if isinstance(value, str) else value


def test_markup_in_a_result_is_shown_as_text(driver: PageDriver) -> None:
    """Given a result with scripts in every text and name / I expect text, and no script to run."""
    job_id = driver.system.submit("generate_characters", theme=HOSTILE)
    job = driver.system.wait_for(job_id, "completed")
    changed = json.dumps(job | {"result": hostile(job["result"]), "message": HOSTILE})
    driver.page.route(f"**/jobs/{job_id}", lambda route: route.fulfill(
        body=changed, content_type="application/json"))  # fmt: skip
    driver.visit(f"/?job={job_id}")

    expect(driver.job.locator(".card").first).to_contain_text("<script>window.hacked=2")
    for tab in ("Timeline", "Request", "JSON", "Result"):
        driver.job.get_by_role("tab", name=tab).click()
        expect(driver.job.get_by_role("tabpanel")).not_to_be_empty()
    assert driver.page.evaluate("window.hacked") is None
    assert driver.page.locator("#page img, #page script, #page a[href^=javascript]").count() == 0


def test_the_policy_blocks_injected_scripts(driver: PageDriver) -> None:
    """Given a script that is injected into the page / I expect the browser to block it."""
    driver.expect_errors("Content Security Policy|Trusted(HTML|Script)")
    driver.visit()
    expect(driver.page.get_by_role("link", name="Jobs", exact=True)).to_be_visible()
    refused = driver.page.evaluate(
        """() => new Promise((resolve) => {
            const refuse = (event) => resolve(event.violatedDirective);
            document.addEventListener("securitypolicyviolation", refuse);
            const script = document.createElement("script");
            try { script.text = "window.hacked = 5"; } catch { return resolve("trusted types"); }
            document.body.append(script);
        })"""
    )
    as_html = driver.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return 'read'; }"
        " catch { return 'no'; } }"
    )

    assert refused in ("trusted types", "script-src-elem", "require-trusted-types-for")
    assert as_html == "no"
    assert driver.page.evaluate("window.hacked") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/?new=create_world", "/?job={job}", "/?view=system"])
def test_axe_finds_no_serious_violation(driver: PageDriver, path: str, scheme: Any) -> None:
    """Given each view in both colour schemes / I expect no serious violation."""
    if not AXE.exists() and not in_ci():
        pytest.skip("no axe: npm install in tests/web")
    job_id = driver.system.submit("generate_relics", theme="axe")
    driver.system.wait_for(job_id, "completed")
    driver.page.emulate_media(color_scheme=scheme)
    driver.visit(path.format(job=job_id))
    expect(driver.page.locator("main h1, main h2").first).to_be_visible()
    driver.page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    report = driver.page.evaluate("axe.run()")

    serious = [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in report["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("path", ["/", "/?new=create_world", "/?job={job}", "/?view=system"])
def test_no_view_scrolls_sideways_on_a_phone(driver: PageDriver, path: str) -> None:
    """Given 390 pixels / I expect each view to fit."""
    job_id = driver.system.submit("generate_characters", theme="unbreakable" * 30)
    driver.system.wait_for(job_id, "completed")
    driver.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    driver.visit(path.format(job=job_id))
    expect(driver.page.locator(".row:visible, h1:visible").first).to_be_visible()

    assert driver.overflowing() == []
    shown = driver.page.locator(".pane").is_visible()
    assert shown == ("job=" in path or "new=" in path)


def test_closing_a_job_on_a_phone_returns_to_its_row(driver: PageDriver) -> None:
    """Given a phone / when a job is opened and closed / I expect the list, with the row focused."""
    driver.system.wait_for(driver.system.submit("generate_relics", theme="phone"), "completed")
    driver.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    driver.visit()
    row = driver.rows.first.locator("a")
    row.click()
    expect(driver.job.locator("header").first).to_be_focused()
    driver.job.get_by_role("button", name="Close").click()

    expect(row).to_be_focused()
    expect(driver.job).to_have_count(0)
