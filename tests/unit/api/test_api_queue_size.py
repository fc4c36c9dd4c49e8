"""The queue over HTTP, with more owners and pools than one reply or one script reads."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.api.harness import ApiHarness, api_harness
from tests.unit.api.test_api_queue import queue, submit, worker


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiHarness]:
    with api_harness(tmp_path, concurrency=20) as harness:
        yield harness


def test_the_pools_with_most_jobs_are_listed(
    api: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given more pools than a reply lists / I expect the largest, and all jobs in the totals."""
    monkeypatch.setattr("loresmith.api.services.queue_status.MAX_POOLS", 1)
    worker(api)
    submit(api, "mira", 2, model="large")
    submit(api, "ovid", 1, model="small")

    status = queue(api)

    assert [(pool["pool"], pool["waiting"]) for pool in status["pools"]] == [("large", 2)]
    assert (status["more_pools"], status["types"][0]["waiting"]) == (True, 3)


def test_many_owners_are_read_in_few_scripts(
    api: ApiHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given more owners than one script reads / I expect each with its own figures."""
    monkeypatch.setattr("loresmith.api.services.queue_status.MAX_OWNERS_AT_ONCE", 2)
    worker(api)
    for number, user in enumerate("abc"):
        submit(api, user, number + 1)
    api.client.put("/limits/owners/user/c", json={"weight": 2.5, "concurrency": 7})

    owners = {owner["owner"]: owner for owner in queue(api)["owners"]}

    assert {name: owner["waiting"] for name, owner in owners.items()} == {
        "user:a": 1,
        "user:b": 2,
        "user:c": 3,
    }
    assert (owners["user:c"]["weight"], owners["user:c"]["concurrency"]) == (2.5, 7)
    assert (owners["user:a"]["weight"], owners["user:a"]["concurrency"]) == (1, None)
