"""What a job withholds reaches the lore_service with every call."""

import pytest

from tests.unit.worker.context_harness import SPEC, ContextHarness
from tests.worker_fakes import OUTPUT


@pytest.mark.parametrize(
    ("options", "redact", "suffix"),
    [("{}", [], ""), ('{"redact": ["card", "email"]}', ["card", "email"], ":redact")],
)
def test_a_call_withholds_what_its_job_says(options: str, redact: list[str], suffix: str) -> None:
    """Given options / I expect the kinds, and a fingerprint that only their reader accepts."""
    harness = ContextHarness(OUTPUT, options=options)

    harness.call()

    assert harness.client.requests[0].redact == redact
    assert harness.client.requests[0].fingerprint == SPEC.fingerprint + suffix
