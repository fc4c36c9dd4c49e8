"""Costs are shown and confirmed before they arise; cached results are free."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import page_driver
from tests.browser.page_driver import PageDriver
from tests.stack import Stack, request, stack
from tests.waiting import wait_until

PRICES = (300, 700)
"""Dollars per million tokens, input and output: up to 3.33 for one relic, 7.03 for three."""
SETTINGS = {
    "LORESMITH_CONFIRM_COST_ABOVE": "2",
    "LORESMITH_MAX_JOB_COST": "5",
    "LORESMITH_CACHE_TTL_S": "600",
}


@pytest.fixture(scope="module")
def priced_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All processes, with a price for the model."""
    folder = tmp_path_factory.mktemp("priced")
    with stack(folder, seconds=1, chunks=10, prices=PRICES, env=SETTINGS) as running:
        yield running


@pytest.fixture
def driver(chromium: Browser, priced_system: Stack) -> Iterator[PageDriver]:
    """A browser at that system, which refuses some requests."""
    with page_driver(chromium, priced_system) as driver:
        driver.expect_statuses(402, 428)
        yield driver


def test_the_form_shows_its_cost_and_alternatives_within_the_limit(driver: PageDriver) -> None:
    """Given a form / when it changes / I expect its cost; above the limit, the reason and smaller
    requests that a click applies.
    """
    driver.visit("/?new=generate_relics")
    estimate = driver.page.locator(".estimate")
    count = driver.page.locator("#field-count")

    count.fill("1")
    expect(estimate).to_contain_text("up to $3.33")
    expect(estimate).to_contain_text("You will be asked to confirm the price")
    count.fill("3")
    expect(estimate).to_contain_text("up to $7.03")
    expect(estimate).to_contain_text("The job may cost $7.0312; its cap is $5.0000.")
    estimate.get_by_role("button", name="Count 1").click()

    expect(count).to_have_value("1")
    expect(estimate).to_contain_text("up to $3.33")
    expect(estimate).not_to_contain_text("its cap")


def test_an_expensive_job_is_submitted_only_after_confirmation(driver: PageDriver) -> None:
    """Given a cost that requires confirmation / when it is declined, then confirmed / I expect no
    job at first, then one that shows its cost beside the estimate.
    """
    before = jobs(driver)
    driver.visit("/")
    driver.submit(count=1, theme="confirmed", wait=False)
    dialog = driver.page.get_by_role("dialog")
    expect(dialog).to_contain_text("up to $3.33. Nothing has been charged yet.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(driver.page.locator(".form .note.bad")).to_contain_text("Nothing was charged")
    assert jobs(driver) == before

    driver.page.locator(".form button[type=submit]").click()
    dialog.get_by_role("button", name="Spend up to $3.33").click()
    driver.page.wait_for_url("**/?job=*")

    driver.expect_status("done")
    assert jobs(driver) == before + 1
    driver.job.get_by_role("tab", name="Calls and cost").click()
    facts = driver.job.locator(".tab .facts")
    expect(facts).to_contain_text("Max cost$3.33")
    expect(driver.job.locator("tbody tr")).to_have_count(1)
    assert fact(facts, "Cost") == driver.job.locator("tbody td").last.inner_text()


def test_an_identical_job_is_free_until_it_is_generated_again(driver: PageDriver) -> None:
    """Given a completed job / when an identical one takes the cached result / I expect it free in
    the form and in its panel, and a new call when it is generated again.
    """
    submit_relic(driver, theme="again")
    driver.visit("/?new=generate_relics")
    driver.page.locator("#field-theme").fill("again")
    driver.page.locator("#field-count").fill("1")
    driver.page.get_by_role("button", name="Use the cached result").click()
    expect(driver.page.locator(".estimate")).to_contain_text(
        "Free: cached result from an identical job"
    )
    driver.page.locator(".form button[type=submit]").click()

    notice = driver.job.locator(".note.cached")
    expect(notice).to_contain_text("Cached result from an identical job. No charge.")
    notice.get_by_role("button", name="Generate again").click()
    driver.page.get_by_role("dialog").get_by_role("button", name="Spend up to $3.33").click()
    expect(notice).to_have_count(0)
    driver.expect_status("done")
    new_id = driver.page.url.partition("job=")[2]
    assert driver.system.job(new_id)["usage"]["calls"] == 1


def test_a_retry_shows_its_plan_and_its_cost(driver: PageDriver) -> None:
    """Given a cancelled job / when it is retried / I expect its plan and its cost first."""
    job_id = submit_relic(driver, theme="cancelled", cancel=True)
    driver.visit(f"/?job={job_id}")

    driver.job.get_by_role("button", name="Retry").click()

    dialog = driver.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Will run again: Generate.")
    expect(dialog).to_contain_text("up to $3.33.")
    dialog.get_by_role("button", name="Retry").click()
    driver.expect_status("done")


def test_a_possible_duplicate_charge_needs_approval(driver: PageDriver) -> None:
    """Given a call whose provider died, so that its outcome is unknown / when the job is retried /
    I expect a warning, and the retry after approval.
    """
    system = driver.system
    job_id = submit_relic(driver, theme="in doubt", wait=False)
    wait_until(lambda: system.job(job_id)["progress"] > 20, "output has begun")
    system["offline"].kill()
    system["offline"].start()
    system["offline"].wait()
    assert system.wait_for(job_id)["error_detail"]["code"] == "llm_outcome_unknown"

    driver.visit(f"/?job={job_id}")
    expect(driver.job.locator(".error-panel")).to_contain_text("may have been charged")
    driver.job.get_by_role("button", name="Retry").click()
    dialog = driver.page.get_by_role("dialog")
    expect(dialog).to_contain_text("One call may have been charged although the answer was lost.")
    dialog.get_by_role("button", name="Retry (may be charged twice)").click()

    driver.expect_status("done")


def test_an_exhausted_budget_refuses_the_job_and_shows_when_it_resets(driver: PageDriver) -> None:
    """Given a budget with less left than a job could cost / when one is submitted / I expect the
    time of the reset, and the budget in the Spend view.
    """
    url = f"{driver.url}/budgets/type/generate_factions"
    request("PUT", url, {"limit": 0.01, "window": "day"})
    driver.visit("/")

    driver.submit(type="generate_factions", count=1, wait=False)

    accept = driver.page.get_by_role("dialog").get_by_role("button", name="Spend up to")
    accept.click()
    expect(driver.page.locator(".form .note.bad")).to_contain_text("The budget resets on")
    driver.visit("/?view=spend")
    meter = driver.page.get_by_role("meter", name="Type generate_factions")
    expect(meter).to_have_attribute("aria-valuetext", "$0.00 of $0.010")


def submit_relic(driver: PageDriver, *, theme: str, cancel: bool = False, wait: bool = True) -> str:
    """Submits a job for one relic through the API. Returns its id once it has ended, or at once."""
    payload = {"theme": theme, "count": 1}
    body = {"type": "generate_relics", "payload": payload, "options": {"confirm_cost": 4}}
    status, job = driver.system.post("/jobs", body)
    assert status == 202, job
    if cancel:
        driver.system.post(f"/jobs/{job['id']}/cancel", {})
    if cancel or wait:
        driver.system.wait_for(job["id"])
    return str(job["id"])


def jobs(driver: PageDriver) -> int:
    return sum(driver.system.get("/jobs?limit=1")[1]["counts"].values())


def fact(facts: Locator, name: str) -> str:
    box = facts.locator("div", has=facts.page.get_by_text(name, exact=True))
    return box.locator("dd").inner_text()
