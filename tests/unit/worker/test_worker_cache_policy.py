"""Cached responses are used only when the client or the job type asks for them."""

from dataclasses import replace
from typing import Literal

import pytest

from loresmith.protos.lore.v1 import lore_pb2 as pb
from tests.unit.worker.context_harness import ContextHarness
from tests.worker_fakes import OUTPUT


@pytest.mark.parametrize(
    ("declared", "options", "sent"),
    [("skip", "{}", "SKIP"), ("use", "{}", "USE"), ("skip", '{"cache": "use"}', "USE")],
)
def test_the_cache_is_used_only_when_asked_for(
    declared: Literal["use", "skip"], options: str, sent: str
) -> None:
    harness = ContextHarness(OUTPUT, options=options)
    assert harness.attempt.job_type
    harness.attempt.job_type = replace(harness.attempt.job_type, cache=declared)

    harness.call()

    assert harness.client.requests[0].cache == pb.Cache.Value(f"CACHE_{sent}")
