"""Nothing that a model writes is ever more than text; and everybody can use the page."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
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


def test_a_result_full_of_markup_stays_text(visitor: Visitor) -> None:
    """Given a result with script in every text and name / I expect to read it, and nothing run."""
    job_id = visitor.system.submit("generate_characters", theme=HOSTILE)
    job = visitor.system.wait_for(job_id, "completed")
    changed = json.dumps(job | {"result": hostile(job["result"]), "message": HOSTILE})
    visitor.page.route(f"**/jobs/{job_id}", lambda route: route.fulfill(
        body=changed, content_type="application/json"))  # fmt: skip
    visitor.visit(f"/?job={job_id}")

    expect(visitor.job.locator(".card").first).to_contain_text("<script>window.hacked=2")
    for tab in ("Timeline", "Request", "JSON", "Result"):
        visitor.job.get_by_role("tab", name=tab).click()
        expect(visitor.job.get_by_role("tabpanel")).not_to_be_empty()
    assert visitor.page.evaluate("window.hacked") is None
    assert visitor.page.locator("#page img, #page script, #page a[href^=javascript]").count() == 0


def test_the_policy_lets_no_markup_run_even_if_it_got_in(visitor: Visitor) -> None:
    """Given a script that gets into the page / I expect the browser to refuse it."""
    visitor.visit()
    expect(visitor.page.get_by_role("link", name="Jobs", exact=True)).to_be_visible()
    refused = visitor.page.evaluate(
        """() => new Promise((resolve) => {
            const refuse = (event) => resolve(event.violatedDirective);
            document.addEventListener("securitypolicyviolation", refuse);
            const script = document.createElement("script");
            try { script.text = "window.hacked = 5"; } catch { return resolve("trusted types"); }
            document.body.append(script);
        })"""
    )
    as_html = visitor.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return 'read'; }"
        " catch { return 'no'; } }"
    )

    assert refused in ("trusted types", "script-src-elem", "require-trusted-types-for")
    assert as_html == "no"
    assert visitor.page.evaluate("window.hacked") is None
    visitor.complaints.clear()  # the browser's notes of what it refused


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["/", "/?new=create_world", "/?job={job}", "/?view=system"])
def test_axe_finds_nothing_serious(visitor: Visitor, place: str, scheme: Any) -> None:
    """Given each view in both colours / I expect no serious complaint of axe."""
    if not AXE.exists() and not in_ci():
        pytest.skip("no axe: npm install in tests/web")
    job_id = visitor.system.submit("generate_relics", theme="axe")
    visitor.system.wait_for(job_id, "completed")
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.visit(place.format(job=job_id))
    expect(visitor.page.locator("main h1, main h2").first).to_be_visible()
    visitor.page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = visitor.page.evaluate("axe.run()")

    serious = [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("place", ["/", "/?new=create_world", "/?job={job}", "/?view=system"])
def test_a_phone_never_scrolls_sideways(visitor: Visitor, place: str) -> None:
    """Given 390 pixels / I expect each view to fit."""
    job_id = visitor.system.submit("generate_characters", theme="unbreakable" * 30)
    visitor.system.wait_for(job_id, "completed")
    visitor.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    visitor.visit(place.format(job=job_id))
    expect(visitor.page.locator(".row:visible, h1:visible").first).to_be_visible()

    assert visitor.too_wide() == []
    shown = visitor.page.locator(".pane").is_visible()
    assert shown == ("job=" in place or "new=" in place)


def test_a_phone_comes_back_to_its_list(visitor: Visitor) -> None:
    """Given a phone / when a job is opened and closed / I expect the list, and the focus in it."""
    visitor.system.wait_for(visitor.system.submit("generate_relics", theme="phone"), "completed")
    visitor.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    visitor.visit()
    row = visitor.rows.first.locator("a")
    row.click()
    expect(visitor.job.locator("header").first).to_be_focused()
    visitor.job.get_by_role("button", name="Close").click()

    expect(row).to_be_focused()
    expect(visitor.job).to_have_count(0)
