"""The offline model as a process: its page, its form, its counters, and how it stops."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.offline_process import CHAT, Offline, offline
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def model() -> Iterator[Offline]:
    with offline("--seconds", "0") as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults(model: Offline) -> None:
    model.ask("DELETE", "/faults")


def test_the_page(model: Offline) -> None:
    """Given the form of the page, sent as a browser does / I expect the fault on the page."""
    model.ask("PUT", "/faults", {"fault": "cut", "match": "<b>"})
    page = model.ask("GET", "/")

    assert "offline model, not an LLM" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert all(f'<option value="{kind}">' in page for kind in model.ask("GET", "/faults")["kinds"])


def test_the_form(model: Offline) -> None:
    form = b"fault=slow&times=2&probability=&match=&status=&retry_after_s="
    page = post(model, form, origin=model.url)

    assert "Put in force" in page
    assert model.ask("GET", "/faults")["faults"][0]["times"] == 2
    post(model, b"clear=1", origin=model.url)
    assert model.ask("GET", "/faults")["faults"] == []


def test_the_form_of_another_site(model: Offline) -> None:
    with pytest.raises(urllib.error.HTTPError, match="403"):
        post(model, b"fault=hang", origin="http://elsewhere.example")

    assert model.ask("GET", "/faults")["faults"] == []


def post(model: Offline, form: bytes, origin: str) -> str:
    sent = urllib.request.Request(f"{model.url}/faults", form, {"Origin": origin})
    with urllib.request.urlopen(sent, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.mark.anyio
async def test_sigterm_ends_a_long_answer_and_the_ledger_is_whole(tmp_path: Path) -> None:
    """Given an answer that would take a minute / I expect it billed, and the process gone soon."""
    file = tmp_path / "bills.jsonl"
    with offline("--ledger", str(file), LORESMITH_OFFLINE_SECONDS="60") as model:
        async with model.client() as client:
            asked = {**CHAT, "stream": True, "extra_headers": {"X-Call-Id": "long"}}
            stream = await client.chat.completions.create(**asked)
            wait_until(file.read_text, "the bill is written")
            began = time.monotonic()
            model.process.terminate()
            await asyncio.to_thread(model.process.wait, 10)
            await stream.close()
    lines = [json.loads(line) for line in file.read_text().splitlines()]

    assert time.monotonic() - began < 5
    assert [(line["call_id"], line["billed"]) for line in lines] == [
        ("long", True),
        ("long", False),
    ]
