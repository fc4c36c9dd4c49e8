"""The priority of a job, and what the queue must know of it: its pool and its tokens."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.api.harness import BODY, ApiHarness, api_harness

SERVER = {"base_url": "http://127.0.0.1:1/v1"}
PRICES: dict[str, dict[str, Any]] = {
    "unknown": {},
    "free": {"own": {"input_per_mtok": 0, "output_per_mtok": 0}},
    "priced": {"own": {"input_per_mtok": 1, "output_per_mtok": 1}},
}


def created(api: ApiHarness, body: dict[str, Any] = BODY, **headers: str) -> dict[str, str]:
    """Submits a job and returns its record."""
    return api.scripts.record(api.submit(body, **headers).json()["id"])


@pytest.mark.parametrize("priority", ["interactive", "normal", "batch"])
def test_a_job_has_the_priority_it_asks_for(api: ApiHarness, priority: str) -> None:
    job = api.submit(BODY | {"options": {"priority": priority}}).json()

    assert job["priority"] == priority
    matches = api.get(f"/jobs?priority={priority}").json()["jobs"]
    assert [each["id"] for each in matches] == [job["id"]]
    assert api.get(f"/jobs?priority={priority}").json()["counts"] is None
    others = {"interactive", "normal", "batch"} - {priority}
    assert not any(api.get(f"/jobs?priority={other}").json()["jobs"] for other in others)


def test_a_job_whose_client_waits_is_interactive(api: ApiHarness) -> None:
    """Given no priority / I expect that of the type, or interactive where a client waits, unless
    it says.
    """
    batch = BODY | {"options": {"priority": "batch"}}

    assert "priority" not in created(api)
    assert created(api, Prefer="wait=0")["priority"] == "interactive"
    assert created(api, batch, Prefer="wait=0")["priority"] == "batch"


@pytest.mark.parametrize(
    ("path", "place"),
    [("body", {"pointer": "/options/priority"}), ("query", {"parameter": "priority"})],
)
def test_an_unknown_priority_names_the_field(
    api: ApiHarness, path: str, place: dict[str, str]
) -> None:
    body = BODY | {"options": {"priority": "urgent"}}
    response = api.submit(body) if path == "body" else api.get("/jobs?priority=urgent")

    assert response.status_code == 400
    assert place.items() <= response.json()["errors"][0].items()


def test_the_same_request_with_another_priority_is_the_same_job(api: ApiHarness) -> None:
    first = api.submit(Idempotency_Key="the-only-key")
    again = api.submit(BODY | {"options": {"priority": "batch"}}, Idempotency_Key="the-only-key")

    assert (again.json()["id"], again.json()["priority"]) == (first.json()["id"], "normal")


def test_a_job_knows_the_pool_of_its_model(tmp_path: Path) -> None:
    """Given a provider that shares the limits of another / I expect the shared name."""
    table = tmp_path / "providers.toml"
    table.write_text(
        '[one]\nbase_url = "http://127.0.0.1:1/v1"\n'
        '[two]\nbase_url = "http://127.0.0.1:2/v1"\npool = "one"\n'
    )
    with api_harness(tmp_path, providers_file=str(table), model="one/large") as api:
        pools = [
            created(api, BODY | {"options": {"model": model}})["pool"]
            for model in ("one/large", "two/large", "two/small")
        ]

    assert pools == ["one/large", "one/large", "one/small"]


@pytest.mark.parametrize("prices", PRICES.values(), ids=list(PRICES))
def test_a_job_knows_its_expected_tokens(tmp_path: Path, prices: dict[str, Any]) -> None:
    """Given any price / I expect about the tokens of a request and half of the limit, and more of
    a larger job.
    """
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(prices))
    large = BODY | {"payload": {"theme": "fantasy", "count": 9}}
    with api_harness(tmp_path, model="own", prices=str(path), **SERVER) as api:
        small, larger = (int(created(api, body)["expected_tokens"]) for body in (BODY, large))

    assert 1_800 < small < 2_500
    assert 4_700 < larger < 5_500


def test_a_job_that_only_reads_the_cache_expects_no_tokens(api: ApiHarness) -> None:
    assert "expected_tokens" not in created(api, BODY | {"options": {"cache": "only"}})
