"""What costs money is told first, and agreed to; what is kept costs nothing, and says so."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import desk
from tests.browser.visitor import Visitor
from tests.stack import Stack, request, stack
from tests.waiting import wait_until

PRICES = (300, 700)
"""Dollars for a million tokens, in and out: one relic costs 3.33 at most, three cost 7.03."""
SETTINGS = {"LORE_CONFIRM_ABOVE": "2", "LORE_JOB_CAP": "5", "LORE_CACHE_TTL_S": "600"}
REFUSALS = {402, 428}


@pytest.fixture(scope="module")
def dear(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All processes, and a model with a price."""
    folder = tmp_path_factory.mktemp("dear")
    with stack(folder, seconds=1, chunks=10, prices=PRICES, env=SETTINGS) as running:
        yield running


@pytest.fixture
def buyer(chromium: Browser, dear: Stack) -> Iterator[Visitor]:
    """Somebody at the page of that system. Chromium notes each refusal; they are expected."""
    with desk(chromium, dear) as someone:
        yield someone
        someone.complaints[:] = [
            told
            for told in someone.complaints
            if not any(f"status of {status}" in told for status in REFUSALS)
        ]


def test_the_price_stands_below_the_form(buyer: Visitor) -> None:
    """Given a form / when what it asks for changes / I expect the price of that; and of what is too
    dear, that and what would fit, to be taken with a click.
    """
    buyer.visit("/?new=generate_relics")
    price = buyer.page.locator(".estimate")
    count = buyer.page.locator("#field-count")

    count.fill("1")
    expect(price).to_contain_text("at most $3.33")
    expect(price).to_contain_text("You are asked before it is bought")
    count.fill("3")
    expect(price).to_contain_text("at most $7.03")
    expect(price).to_contain_text("The job may cost $7.0312; its cap is $5.0000.")
    price.get_by_role("button", name="Count 1").click()

    expect(count).to_have_value("1")
    expect(price).to_contain_text("at most $3.33")
    expect(price).not_to_contain_text("its cap")


def test_a_dear_job_is_sent_only_when_its_price_is_agreed_to(buyer: Visitor) -> None:
    """Given a price that wants a yes / when it is declined, then agreed to / I expect no job at
    first, then one, whose bill stands beside the estimate.
    """
    before = jobs(buyer)
    buyer.visit("/")
    buyer.submit(count=1, theme="agreed", wait=False)
    dialog = buyer.page.get_by_role("dialog")
    expect(dialog).to_contain_text("at most $3.33. Nothing has been bought yet.")
    dialog.get_by_role("button", name="Do not send it").click()
    expect(buyer.page.locator(".form .note.bad")).to_contain_text("Nothing was bought")
    assert jobs(buyer) == before

    buyer.page.locator(".form button[type=submit]").click()
    dialog.get_by_role("button", name="Spend up to $3.33").click()
    buyer.page.wait_for_url("**/?job=*")

    buyer.expect_status("done")
    assert jobs(buyer) == before + 1
    buyer.job.get_by_role("tab", name="Calls and cost").click()
    facts = buyer.job.locator(".tab .facts")
    expect(facts).to_contain_text("At most$3.33")
    expect(buyer.job.locator("tbody tr")).to_have_count(1)
    assert fact(facts, "Cost") == buyer.job.locator("tbody td").last.inner_text()


def test_the_same_again_is_free_and_says_so(buyer: Visitor) -> None:
    """Given a job that was answered / when the same is asked for / I expect it free in the form and
    on the job; and bought when it is generated anew.
    """
    bought(buyer, theme="again")
    buyer.visit("/?new=generate_relics")
    buyer.page.locator("#field-theme").fill("again")
    buyer.page.locator("#field-count").fill("1")
    expect(buyer.page.locator(".estimate")).to_contain_text("Free: an identical job was answered")
    buyer.page.locator(".form button[type=submit]").click()

    kept = buyer.job.locator(".note.kept")
    expect(kept).to_contain_text("this is its answer, for nothing")
    kept.get_by_role("button", name="Generate it anew").click()
    buyer.page.get_by_role("dialog").get_by_role("button", name="Spend up to $3.33").click()
    expect(kept).to_have_count(0)
    buyer.expect_status("done")
    anew = buyer.page.url.partition("job=")[2]
    assert buyer.system.job(anew)["usage"]["calls"] == 1


def test_a_retry_says_what_it_keeps_and_costs(buyer: Visitor) -> None:
    """Given a job that was stopped / when it is to be retried / I expect its price first."""
    job_id = bought(buyer, theme="stopped", stop=True)
    buyer.visit(f"/?job={job_id}")

    buyer.job.get_by_role("button", name="Retry").click()

    dialog = buyer.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Bought anew: Generate.")
    expect(dialog).to_contain_text("at most $3.33.")
    dialog.get_by_role("button", name="Retry").click()
    buyer.expect_status("done")


def test_paying_twice_needs_a_second_yes(buyer: Visitor) -> None:
    """Given a call whose provider died in the middle, so that nobody knows whether it was bought
    / when the job is retried / I expect that said, and a yes that sends it.
    """
    system = buyer.system
    job_id = bought(buyer, theme="in doubt", wait=False)
    wait_until(lambda: system.job(job_id)["progress"] > 20, "its model writes")
    system["offline"].kill()
    system["offline"].start()
    system["offline"].wait()
    assert system.wait_for(job_id)["error_detail"]["code"] == "llm_outcome_unknown"

    buyer.visit(f"/?job={job_id}")
    expect(buyer.job.locator(".trouble")).to_contain_text("may have been paid for")
    buyer.job.get_by_role("button", name="Retry").click()
    dialog = buyer.page.get_by_role("dialog")
    expect(dialog).to_contain_text("One call may have been paid for, with the answer lost.")
    dialog.get_by_role("button", name="Retry, and maybe pay again").click()

    buyer.expect_status("done")


def test_a_budget_that_is_used_up_stops_the_form(buyer: Visitor) -> None:
    """Given a budget with less left than a job may cost / when one is sent / I expect the limit and
    the time when there is room again; and the budget among what is spent.
    """
    place = f"{buyer.url}/budgets/type/generate_factions"
    request("PUT", place, {"limit": 0.01, "window": "day"})
    buyer.visit("/")

    buyer.submit(type="generate_factions", count=1, wait=False)

    agree = buyer.page.get_by_role("dialog").get_by_role("button", name="Spend up to")
    agree.click()
    expect(buyer.page.locator(".form .note.bad")).to_contain_text("There is room again from")
    buyer.visit("/?view=spend")
    meter = buyer.page.get_by_role("meter", name="Type generate_factions")
    expect(meter).to_have_attribute("aria-valuetext", "$0.00 of $0.010")


def bought(buyer: Visitor, *, theme: str, stop: bool = False, wait: bool = True) -> str:
    """The id of a job for one relic, sent from elsewhere: answered, or stopped, or under way."""
    payload = {"theme": theme, "count": 1}
    body = {"type": "generate_relics", "payload": payload, "options": {"confirm_cost": 4}}
    status, job = buyer.system.post("/jobs", body)
    assert status == 202, job
    if stop:
        buyer.system.post(f"/jobs/{job['id']}/cancel", {})
    if stop or wait:
        buyer.system.wait_for(job["id"])
    return str(job["id"])


def jobs(buyer: Visitor) -> int:
    return sum(buyer.system.get("/jobs?limit=1")[1]["counts"].values())


def fact(facts: Locator, name: str) -> str:
    box = facts.locator("div", has=facts.page.get_by_text(name, exact=True))
    return box.locator("dd").inner_text()
