"""The page and a prompt: the first form, live text, and each sort of answer."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.page_driver import PageDriver
from tests.waiting import wait_until

SCHEMA = {
    "type": "object",
    "properties": {"towns": {"type": "array", "items": {"type": "string"}}},
    "required": ["towns"],
}
MORE = "System, JSON Schema, images, length"


def form(driver: PageDriver) -> Locator:
    return driver.page.get_by_role("region", name="New job")


def run(driver: PageDriver) -> None:
    form(driver).get_by_role("button", name="Run prompt").click()


def test_a_prompt_is_the_first_thing_to_try(driver: PageDriver) -> None:
    """Given the page as it opens / when a text is written and sent / I expect the text as it is
    written, with its paragraphs, and a row with the start of the prompt.
    """
    driver.visit()
    expect(form(driver).get_by_label("Job type")).to_have_value("prompt")
    form(driver).get_by_label("Prompt").fill("Tell of salt in two paragraphs.\nQuietly.")
    expect(form(driver).locator(".estimate")).to_contain_text("output tokens")
    run(driver)

    live = driver.job.locator(".live .answer")
    expect(live).not_to_be_empty()
    first = live.inner_text()
    wait_until(lambda: len(live.inner_text()) > len(first), "more text comes")
    driver.expect_status("done")
    answer = driver.job.locator(".answer")
    text = driver.system.get("/jobs?limit=1&include=result")[1]["jobs"][0]["result"]["text"]
    assert "\n\n" in text
    assert answer.inner_text() == text
    expect(driver.job.locator(".asked")).to_have_text("Tell of salt in two paragraphs. Quietly.")
    expect(driver.rows.first.locator("b")).to_have_text("Tell of salt in two paragraphs. Quietly.")


def test_variables_and_a_schema(driver: PageDriver) -> None:
    """Given a variable and a schema / I expect a field for the variable, JSON with lines, and the
    message of the server under the field of a wrong schema.
    """
    driver.visit()
    fields = form(driver)
    fields.get_by_label("Prompt").fill("Name towns near {{sea}}.")
    fields.get_by_label("sea").fill("the salt lake")
    fields.get_by_text(MORE).click()
    schema = fields.get_by_label("JSON Schema")
    schema.fill("{")
    run(driver)
    expect(fields.locator("#field-output_schema-help")).to_contain_text("Invalid JSON")
    expect(schema).to_be_focused()
    driver.expect_statuses(400)
    schema.fill('{"type": "objekt"}')
    run(driver)
    expect(fields.locator("#field-output_schema-help")).to_contain_text("type: ")
    schema.fill(json.dumps(SCHEMA))
    run(driver)

    driver.expect_status("done")
    shown = driver.job.locator("pre.json").inner_text()
    assert isinstance(json.loads(shown)["towns"], list)
    assert "\n  " in shown
    expect(driver.job.get_by_role("button", name="Copy JSON")).to_be_visible()
    driver.job.get_by_role("tab", name="Request").click()
    expect(driver.job.get_by_role("tabpanel")).to_contain_text("the salt lake")


def test_an_image_of_a_file_and_a_cut_answer(driver: PageDriver, tmp_path: Path) -> None:
    image = tmp_path / "map.png"
    image.write_bytes(b"\x89PNG")
    driver.visit()
    fields = form(driver)
    fields.get_by_label("Prompt").fill("What is on this map?")
    fields.get_by_text(MORE).click()
    fields.locator("input[type=file]").set_input_files(image)
    expect(fields.get_by_text("map.png")).to_be_visible()
    fields.get_by_label("Max output tokens").fill("12")
    run(driver)

    driver.expect_status("done")
    expect(driver.job.get_by_text("Cut at 12 tokens.")).to_be_visible()
    expect(driver.rows.first.locator("b")).to_have_text("What is on this map?")


def test_functions_that_the_model_calls(driver: PageDriver) -> None:
    weather = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
    parameters = {"tools": [weather], "tool_choice": "required"}
    payload = {"prompt": "Will it rain?", "parameters": parameters}
    job = driver.system.post("/jobs", {"type": "prompt", "payload": payload})[1]
    driver.visit(f"/?job={job['id']}")

    driver.expect_status("done")
    expect(driver.job.get_by_text("Calls weather")).to_be_visible()
    assert "towns" in json.loads(driver.job.locator("pre.json").inner_text())


def test_a_chat_completion_is_text_too(driver: PageDriver) -> None:
    """Given a request in OpenAI's form, with brackets / I expect its text, live and at the end."""
    payload = {"messages": [{"role": "user", "content": "Tell [a] tale {of} salt."}]}
    job = driver.system.post("/jobs", {"type": "chat_completion", "payload": payload})[1]
    driver.visit(f"/?job={job['id']}")

    expect(driver.job.locator(".live .answer")).not_to_be_empty()
    driver.expect_status("done")
    text = driver.system.get(f"/jobs/{job['id']}/result")[1]["content"]
    assert driver.job.locator(".answer").inner_text() == text
    expect(driver.rows.first.locator("b")).to_have_text("Tell [a] tale {of} salt.")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_prompt_fits_the_screen(driver: PageDriver, width: int) -> None:
    """Given long words in the prompt / I expect no box that scrolls sideways."""
    word = "unbreakable" * 30
    job = driver.system.post("/jobs", {"type": "prompt", "payload": {"prompt": word}})[1]
    driver.page.set_viewport_size({"width": width, "height": 800})
    driver.visit(f"/?job={job['id']}")
    driver.expect_status("done")
    assert driver.overflowing() == []

    driver.visit("/?new=prompt")
    form(driver).get_by_label("Prompt").fill(word)
    form(driver).get_by_text(MORE).click()
    assert driver.overflowing() == []
