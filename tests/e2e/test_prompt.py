"""A prompt with real processes: text, JSON, images and tools; crashes, limits, cache and retry."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.e2e.terminal import Terminal
from tests.e2e.up_process import environment
from tests.stack import ROOT, Stack, request, stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

SCHEMA = {
    "type": "object",
    "properties": {"towns": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
    "required": ["towns"],
}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"town": {"type": "string"}},
            "required": ["town"],
        },
    },
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    env = {
        "LORESMITH_LEASE_S": "2",
        "LORESMITH_HEARTBEAT_INTERVAL_S": "0.2",
        "LORESMITH_RECONCILE_INTERVAL_S": "0.2",
        "LORESMITH_CACHE_TTL_S": "60",
        "LORESMITH_CONFIRM_COST_ABOVE": "0.5",
    }
    folder = tmp_path_factory.mktemp("prompt")
    with stack(folder, seconds=1, chunks=10, prices=(3, 7), env=env) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults(system: Stack) -> Iterator[None]:
    yield
    request("DELETE", f"{system.offline_url}/faults")


def inject(system: Stack, **fault: object) -> None:
    status, response = request("PUT", f"{system.offline_url}/faults", fault)
    assert status == 200, response


def post(system: Stack, payload: dict[str, Any], **fields: Any) -> tuple[int, Any]:
    return system.post("/jobs", {"type": "prompt", "payload": payload, **fields})


def ask(system: Stack, payload: dict[str, Any], **options: Any) -> str:
    """Submits a prompt; returns the id of the job."""
    status, job = post(system, payload, options=options)
    assert status == 202, job
    return str(job["id"])


def answer(system: Stack, payload: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Submits a prompt, and returns the result of the completed job."""
    return dict(system.wait_for(ask(system, payload, **options), "completed")["result"])


def bills(system: Stack, job_id: str) -> list[int]:
    """How often each call of a job was billed."""
    return [count for call_id, count in system.bills().items() if call_id.startswith(job_id)]


def streamed(system: Stack, job_id: str) -> tuple[str, list[int]]:
    """Follows the stream of a job to its end; returns the text by offsets, and the attempts.

    The end of a text may come with the result only.
    """
    text, attempts = "", []
    with urlopen(f"{system.url}/jobs/{job_id}/events", timeout=60) as stream:
        for line in stream:
            event = json.loads(line[5:]) if line.startswith(b"data:") else {}
            if event.get("type") == "delta":
                text = text[: event["offset"]] + event["text"]
                attempts.append(event["attempt"])
    return text, attempts


def test_the_stream_has_the_text(system: Stack) -> None:
    job_id = ask(system, {"prompt": "Tell of the salt road in two paragraphs."})

    text, _ = streamed(system, job_id)

    job = system.wait_for(job_id, "completed")
    assert job["result"]["text"].startswith(text)
    assert len(text) > len(job["result"]["text"]) / 2
    assert "\n\n" in job["result"]["text"]
    assert job["title"] == "Tell of the salt road in two paragraphs."
    assert bills(system, job_id) == [1]


def test_the_stream_goes_on_after_its_worker_was_killed(system: Stack) -> None:
    """Given a prompt whose text has begun / when its worker is killed / I expect the text on
    a stream that another worker continues, and one bill.
    """
    job_id = ask(system, {"prompt": "Tell of the long siege. fault:slow"})
    wait_until(lambda: system.generated_text(job_id), "the text has begun")
    system["worker"].kill()
    system["worker"].start()

    text, attempts = streamed(system, job_id)

    job = system.wait_for(job_id, "completed")
    assert job["result"]["text"].startswith(text)
    assert len(text) > len(job["result"]["text"]) / 2
    assert max(attempts) == job["attempt"] == 2
    assert bills(system, job_id) == [1]


@pytest.mark.parametrize("fault", ["badjson", "badschema"])
def test_json_that_does_not_fit_is_repaired_once(system: Stack, fault: str) -> None:
    """Given an answer that is not JSON, or does not fit / I expect one more call, and JSON that
    fits; given two such answers, a failed job that says what does not fit.
    """
    inject(system, fault=fault, match=f"towns once {fault}", times=1)
    job_id = ask(system, {"prompt": f"Name towns once {fault}.", "output_schema": SCHEMA})
    job = system.wait_for(job_id, "completed")
    assert job["result"]["text"] is None
    assert job["result"]["output"]["towns"]
    assert job["usage"]["calls"] == 2

    inject(system, fault=fault, match=f"towns never {fault}")
    payload = {"prompt": f"Name towns never {fault}.", "output_schema": SCHEMA}
    failed = system.wait_for(ask(system, payload), "failed")
    assert failed["error_detail"]["code"] == "output_schema"
    assert failed["usage"]["calls"] == 2


def test_a_failed_prompt_is_retried(system: Stack) -> None:
    """Given a prompt that failed / when it is retried / I expect its answer, and the price of all
    of its calls.
    """
    inject(system, fault="badschema", match="towns later", times=2)
    job_id = ask(system, {"prompt": "Name towns later.", "output_schema": SCHEMA})
    failed = system.wait_for(job_id, "failed")

    assert system.post(f"/jobs/{job_id}/retry", {"expected_attempt": 1})[0] == 202

    job = system.wait_for(job_id, "completed")
    assert job["result"]["output"]["towns"]
    assert job["cost"]["actual"] > failed["cost"]["actual"] > 0


def test_the_estimate_bounds_the_cost(system: Stack) -> None:
    payload = {"prompt": "Tell of a bell.", "max_output_tokens": 300}
    status, reply = system.post("/jobs/estimate", {"type": "prompt", "payload": payload})

    job = system.wait_for(ask(system, payload), "completed")

    cost = reply["estimate"]["cost"]
    assert status == 200
    assert 0 < job["cost"]["actual"] <= cost["max"] == job["cost"]["estimate_max"]
    longer = {"type": "prompt", "payload": {**payload, "max_output_tokens": 600}}
    assert system.post("/jobs/estimate", longer)[1]["estimate"]["cost"]["max"] > cost["max"]


def test_a_cap_a_budget_and_a_confirmation_refuse_a_prompt(system: Stack) -> None:
    """Given a prompt above its cap, above the price that needs a confirmation, and above the budget
    of its team / I expect the refusals of every job type, and no job.
    """
    payload = {"prompt": "Tell of the refused bell.", "max_output_tokens": 10_000}
    before = len(system.bills())
    assert request("PUT", f"{system.url}/budgets/team/poor", {"limit": 0.0001})[0] in (200, 201)

    status, capped = post(system, payload, options={"max_cost": 0.001})
    assert (status, capped["code"]) == (400, "cost-cap-exceeded")
    status, poor = post(system, payload, team_id="poor")
    assert (status, poor["code"]) == (402, "budget-exceeded")
    status, dear = post(system, {**payload, "max_output_tokens": 50_000})
    assert (status, dear["code"]) == (428, "cost-confirmation-required")

    assert system.get("/jobs?q=refused%20bell")[1]["jobs"] == []
    assert len(system.bills()) == before


def test_a_cached_answer_costs_nothing(system: Stack) -> None:
    payload = {"prompt": "Tell of the cached bell.", "temperature": 0.5}
    first = system.wait_for(ask(system, payload), "completed")

    again = system.wait_for(ask(system, payload, cache="use"), "completed")

    assert again["result"] == first["result"]
    assert (again["cost"]["actual"], again["usage"]["calls"]) == (0, 0)
    other = system.wait_for(ask(system, {**payload, "temperature": 0.6}, cache="use"), "completed")
    assert other["usage"]["calls"] == 1, "another temperature is another request"


def test_variables_images_and_a_cut_text(system: Stack) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    content = [{"type": "text", "text": "What is {{thing}}?"}, image]
    payload = {
        "messages": [{"role": "user", "content": content}],
        "variables": {"thing": "the map"},
        "max_output_tokens": 20,
    }

    result = answer(system, payload)

    assert "the map" in result["text"]
    assert result["finish_reason"] == "length"
    job = system.get("/jobs?limit=1&include=payload")[1]["jobs"][0]
    assert job["title"] == "What is {{thing}}?"
    assert job["usage"]["output_tokens"] == 20


def test_a_tool_call_and_its_answer(system: Stack) -> None:
    """Given a function in `parameters` / I expect its call as the result, and text once its answer
    is sent with the conversation.
    """
    parameters = {"tools": [WEATHER], "tool_choice": "required"}
    result = answer(system, {"prompt": "Rain in Ødegård?", "parameters": parameters})

    (call,) = result["tool_calls"]
    assert result["finish_reason"] == "tool_calls"
    assert call["name"] == "weather"
    assert isinstance(json.loads(call["arguments"])["town"], str)
    function = {"name": call["name"], "arguments": call["arguments"]}
    conversation = [
        {"role": "user", "content": "Rain in Ødegård?"},
        {"role": "assistant", "tool_calls": [{"id": call["id"], "function": function}]},
        {"role": "tool", "tool_call_id": call["id"], "content": "It rains."},
    ]
    final = answer(system, {"messages": conversation, "parameters": {"tools": [WEATHER]}})
    assert final["text"]
    assert final["tool_calls"] == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo-terminal")
def test_a_terminal_shows_the_text_as_it_is_written(system: Stack, tmp_path: Path) -> None:
    """Given `loresmith prompt` on a terminal / I expect the start of the text before its end, and
    the whole text once.
    """
    env = environment(LORESMITH_URL=system.url, PYTHONPATH=str(ROOT))
    words = ("prompt", "Tell of the drowned bell. fault:slow")
    with Terminal(*words, env=env, cwd=tmp_path) as terminal:
        terminal.until(lambda text: "bell" in text, "text is written", timeout=30)
        (job,) = system.get("/jobs?limit=1")[1]["jobs"]
        assert job["status"] == "processing"
        assert terminal.ended() == 0
        shown = " ".join(terminal.text.split())

    text = " ".join(system.job(job["id"])["result"]["text"].split())
    assert shown.count(text) == 1
    assert f"loresmith result {job['id']}" in shown
