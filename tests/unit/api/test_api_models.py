"""The model of a job: resolved to one name, or refused before anything is stored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.jobs.core.settings import SettingsError
from tests.unit.api.harness import ApiHarness, api_harness

BODY = {"type": "generate_characters", "payload": {"theme": "fantasy", "count": 1}}
PROVIDERS = """
[openai]
[local]
base_url = "http://127.0.0.1:8000/v1"
models = ["qwen3"]
[local.prices.qwen3]
input_per_mtok = 1
output_per_mtok = 2
"""


@pytest.fixture
def several(tmp_path: Path) -> Iterator[ApiHarness]:
    """An api with two providers."""
    file = tmp_path / "providers.toml"
    file.write_text(PROVIDERS)
    with api_harness(tmp_path, providers_file=str(file)) as api:
        yield api


def body(model: str) -> dict[str, Any]:
    return BODY | {"options": {"model": model}}


@pytest.mark.parametrize("model", ["qwen3", "local/qwen3"])
def test_a_model_is_stored_by_its_full_name(several: ApiHarness, model: str) -> None:
    """Given two spellings of a model / I expect one name, else budgets could be evaded."""
    job = several.post("/jobs", body(model)).json()

    assert job["model"] == "local/qwen3"
    listed = several.get("/jobs?model=local%2Fqwen3").json()["jobs"]
    assert [each["id"] for each in listed] == [job["id"]]


def test_an_estimate_has_the_price_of_the_provider(several: ApiHarness) -> None:
    local = several.post("/jobs/estimate", body("qwen3")).json()["estimate"]
    default = several.post("/jobs/estimate", BODY).json()["estimate"]

    assert (local["model"], default["model"]) == ("local/qwen3", "openai/gpt-5-mini")
    output = local["tokens"]["output_expected"]
    assert local["cost"]["expected"] == pytest.approx(
        (local["tokens"]["input"] + 2 * output) / 1e6, abs=2e-6
    )


@pytest.mark.parametrize(
    ("model", "fault"),
    [("opnai/gpt-5", "There is no provider opnai"), ("local/gpt-5", "it serves qwen3")],
)
def test_a_model_that_none_serves_is_refused(several: ApiHarness, model: str, fault: str) -> None:
    reply = several.post("/jobs", body(model))

    assert reply.status_code == 400
    assert reply.json()["errors"][0]["pointer"] == "/options/model"
    assert fault in reply.json()["detail"]


def test_a_wrong_file_stops_the_api(tmp_path: Path) -> None:
    (tmp_path / "providers.toml").write_text("[a]\nprices = 1")

    with (
        pytest.raises(SettingsError, match=r"\[a\] prices"),
        api_harness(tmp_path, providers_file=str(tmp_path / "providers.toml")),
    ):
        pass
