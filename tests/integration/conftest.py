"""A workshop for each test: a Redis server, a fake lore_service, and workers as real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.workshop import Workshop, workshop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    """With leases short enough for a test to see them pass."""
    with workshop(
        tmp_path,
        LORESMITH_LEASE_S="2",
        LORESMITH_BEAT_S="0.2",
        LORESMITH_SWEEP_S="0.2",
    ) as running:
        yield running
