"""Two providers behind one lore_service: models by name, ledger rows, repairs in another form."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.integration.lore_service_harness import LoreHarness, lore_harness
from tests.integration.provider_server import ProviderServer, running
from tests.unit.lore_service.harness import CHARACTER

pytestmark = pytest.mark.integration

ONE_CHARACTER = json.dumps({"characters": [CHARACTER]})


def _reject(body: Mapping[str, Any]) -> tuple[int, str] | None:
    strict = body.get("response_format", {}).get("type") == "json_schema"
    return (400, "This is unavailable") if strict or "tools" in body else None


@pytest.fixture
def servers() -> Iterator[tuple[ProviderServer, ProviderServer]]:
    """One that knows everything, and one that knows json_object only and ignores guided_json."""
    strict = ProviderServer(text=ONE_CHARACTER)
    lax = ProviderServer(
        _reject, ONE_CHARACTER, plain_text="Sure! Ada, a smith.", knows=("response_format",)
    )
    with running(strict), running(lax):
        yield strict, lax


@pytest.fixture
def harness(
    servers: tuple[ProviderServer, ProviderServer], tmp_path: Path
) -> Iterator[LoreHarness]:
    strict, lax = servers
    file = tmp_path / "providers.toml"
    file.write_text(f"""
        [strict]
        base_url = "http://127.0.0.1:{strict.port}/v1"
        key_env = "STRICT_KEY"
        [strict.prices.m]
        input_per_mtok = 1_000_000
        output_per_mtok = 0
        [lax]
        base_url = "http://127.0.0.1:{lax.port}/v1"
        models = ["meta-llama/x"]
    """)
    env = {"LORESMITH_PROVIDERS": str(file), "LORESMITH_MODEL": "m", "STRICT_KEY": "sk-strict"}
    with lore_harness(tmp_path, **env) as started:
        yield started


def test_models_of_two_providers(
    harness: LoreHarness, servers: tuple[ProviderServer, ProviderServer]
) -> None:
    """Given calls of both / I expect each at its server, with provider and form in its row."""
    strict, lax = servers
    by_default = harness.job(max_micros=10**12)  # the others have no price
    prefixed, ignored, enforced = (harness.job() for _ in range(3))
    results = [
        harness.service.generate(by_default, count=1),
        harness.service.generate(prefixed, count=1, model="strict/other"),
        harness.service.generate(ignored, count=1, model="lax/meta-llama/x"),
        harness.service.generate(enforced, count=1, model="meta-llama/x"),
    ]

    assert [each.result.model for each in results if each.result] == [
        "strict/m", "strict/other", "lax/meta-llama/x", "lax/meta-llama/x",
    ]  # fmt: skip
    assert [each.body["model"] for each in strict.requests] == ["m", "other"]
    assert {each.body["model"] for each in lax.requests} == {"meta-llama/x"}
    rows = [harness.row(each) for each in (by_default, prefixed, ignored, enforced)]
    assert [row["provider"] for row in rows] == ["strict", "strict", "lax", "lax"]
    assert [row["schema_mode"] for row in rows] == [
        *("json_schema", "json_schema", "guided_json", "json_object")
    ]
    assert {row["max_tokens_parameter"] for row in rows} == {"max_completion_tokens"}
    assert harness.row(ignored.replace("/0", "~repair/0"))["schema_mode"] == "json_object"
    assert (rows[0]["cost_micros"], rows[1].get("cost_micros")) == ("5000000", None)
    assert "sk-strict" not in str([each.headers for each in lax.requests])


def test_a_model_that_none_serves_is_invalid(harness: LoreHarness) -> None:
    failure = harness.service.failure(harness.job(), count=1, model="lax/qwen3")

    assert failure.code == "validation"
    assert "lax does not serve qwen3; it serves meta-llama/x" in failure.error.message
