"""The offline model as a process: page, form and shutdown."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.offline_process import CHAT, OfflineModel, headers, offline_model
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def model() -> Iterator[OfflineModel]:
    with offline_model("--seconds", "0") as running:
        yield running


@pytest.fixture(autouse=True)
def _no_faults(model: OfflineModel) -> None:
    model.request("DELETE", "/faults")


def test_the_page(model: OfflineModel) -> None:
    model.request("PUT", "/faults", {"fault": "cut", "match": "<b>"})
    page = model.request("GET", "/")

    assert "offline model, not an LLM" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert all(
        f'<option value="{fault}">' in page for fault in model.request("GET", "/faults")["kinds"]
    )


def test_the_form(model: OfflineModel) -> None:
    form = b"fault=slow&times=2&probability=&match=&status=&retry_after_s="
    page = submit(model, form, origin=model.url)

    assert "Add rule" in page
    assert model.request("GET", "/faults")["faults"][0]["times"] == 2
    submit(model, b"clear=1", origin=model.url)
    assert model.request("GET", "/faults")["faults"] == []


def test_a_form_of_another_site_is_rejected(model: OfflineModel) -> None:
    with pytest.raises(urllib.error.HTTPError, match="403"):
        submit(model, b"fault=hang", origin="http://elsewhere.example")

    assert model.request("GET", "/faults")["faults"] == []


def submit(model: OfflineModel, form: bytes, origin: str) -> str:
    request = urllib.request.Request(f"{model.url}/faults", form, {"Origin": origin})
    with urllib.request.urlopen(request, timeout=10) as response:
        return str(response.read().decode())


@pytest.mark.anyio
async def test_sigterm_ends_a_long_answer_and_bills_it(tmp_path: Path) -> None:
    """Given an answer of one minute / I expect a quick exit and a complete bill."""
    file = tmp_path / "bills.jsonl"
    with offline_model("--ledger", str(file), LORESMITH_OFFLINE_ANSWER_S="60") as model:
        async with model.client() as client:
            body = {**CHAT, "stream": True, "extra_headers": headers(call_id="long")}
            stream = await client.chat.completions.create(**body)
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
