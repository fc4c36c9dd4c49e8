"""What costs money is told first, and agreed to; with answers as docs/http has them."""

import json
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.visitor import Visitor

ESTIMATE = {
    "tokens": {"input": 400, "output_expected": 1200, "output_max": 3000},
    "cost": {"expected": 0.21, "max": 0.5, "currency": "USD"},
    "duration_s": {"p50": 20, "p90": 40},
}


def test_the_price_stands_below_the_form(visitor: Visitor) -> None:
    """Given a server that estimates / when the form changes / I expect the price of that."""
    asked: list[Any] = []

    def estimate(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or "{}"))
        told = {"estimate": ESTIMATE, "allowed": True, "violations": [], "needs_confirmation": True}
        answer(route, 200, told)

    able(visitor.page, "POST /jobs/estimate")
    visitor.page.route("**/jobs/estimate", estimate)
    visitor.visit("/?new=generate_relics")
    price = visitor.page.locator(".estimate")
    expect(price).to_contain_text("About $0.210")
    expect(price).to_contain_text("at most $0.500")
    visitor.page.locator("#field-theme").fill("dear things")
    expect(price).to_contain_text("You are asked before it is bought")

    assert asked[0]["type"] == "generate_relics"


def test_a_dear_job_is_sent_only_when_its_price_is_agreed_to(visitor: Visitor) -> None:
    """Given a server that wants a yes / when it is declined, then agreed to / I expect nothing sent
    at first, then the same key with the price.
    """
    sent: list[tuple[str | None, Any]] = []

    def guard(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        sent.append((route.request.headers.get("idempotency-key"), body.get("options")))
        if (body.get("options") or {}).get("confirm_cost"):
            del body["options"]
            route.continue_(post_data=json.dumps(body))
        else:
            problem = {"code": "cost-confirmation-required", "estimate": ESTIMATE, "status": 428}
            answer(route, 428, problem)

    visitor.page.route("**/jobs", guard)
    visitor.visit("/?new=generate_relics")
    send = visitor.page.locator(".form button[type=submit]")
    send.click()
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_contain_text("at most $0.500")
    dialog.get_by_role("button", name="Do not send it").click()
    expect(visitor.page.locator(".form .note.bad")).to_contain_text("Nothing was bought")
    send.click()
    dialog.get_by_role("button", name="Spend up to $0.500").click()
    visitor.page.wait_for_url("**/?job=*")

    keys, options = zip(*sent, strict=True)
    assert options == (None, None, {"confirm_cost": 0.5})
    assert keys[1] == keys[2] != keys[0]
    assert all("428" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


def test_paying_twice_needs_a_second_yes(visitor: Visitor) -> None:
    """Given a retry that may pay again / I expect it to be said, and sent only with consent."""
    job_id = visitor.system.submit("generate_relics", theme="twice")
    visitor.system.post(f"/jobs/{job_id}/cancel", {})
    visitor.system.wait_for(job_id, "cancelled")
    sent: list[Any] = []

    def retry(route: Route) -> None:
        body = json.loads(route.request.post_data or "null")
        if "dry_run" in route.request.url:
            answer(route, 200, {"reused_steps": [], "will_buy": ["generate"], "may_pay_again": []})
        elif not (sent.append(body) or body.get("accept_duplicate_charge")):  # type: ignore[func-returns-value]
            problem = {"code": "may-pay-again", "detail": "One call may have been bought."}
            answer(route, 428, problem)
        else:
            route.continue_()

    visitor.page.route(f"**/jobs/{job_id}/retry*", retry)
    visitor.visit(f"/?job={job_id}")
    visitor.job.get_by_role("button", name="Retry").click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Retry").click()
    expect(dialog).to_contain_text("One call may have been bought.")
    dialog.get_by_role("button", name="Buy it again").click()

    visitor.expect_status("done")
    assert [body.get("accept_duplicate_charge") for body in sent] == [None, True]
    visitor.complaints.clear()  # Chromium notes the 428


def able(page: Page, route: str) -> None:
    """Makes the page believe that its server has one more route."""

    def told(served: Route) -> None:
        html = served.fetch()
        body = html.text().replace('name="routes" content="', f'name="routes" content="{route},')
        served.fulfill(response=html, body=body)

    page.route(lambda url: "?new=" in url, told)


def answer(route: Route, status: int, body: Any) -> None:
    kind = "application/json" if status < 400 else "application/problem+json"
    route.fulfill(status=status, body=json.dumps(body), content_type=kind)
