"""Only the items that an earlier attempt did not finish are bought."""

import json

import pytest

from tests.integration.lore_service_harness import (
    LoreHarness,
)

pytestmark = pytest.mark.integration


def test_finished_items_are_not_bought_again(harness: LoreHarness) -> None:
    """Given two finished characters of three / I expect one more written, and three in all."""
    finished = harness.service.generate(harness.job()).items[:2]
    call = harness.job()

    received = harness.service.generate(call, count=3, finished_items=finished)

    assert received.items[:2] == finished
    assert received.result
    characters = json.loads(received.result.output_json)["characters"]
    assert characters == [json.loads(item) for item in received.items]
    assert len({each["name"] for each in characters}) == 3
    assert len(json.loads(harness.row(call)["text"])["characters"]) == 1
    assert harness.service.generate(call, count=3).result == received.result, (
        "replayed, joined the same way"
    )
    assert harness.billed(call) == 1
