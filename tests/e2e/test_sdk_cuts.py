"""Calls of OpenAI's SDK through cut connections and killed processes: the bench with few calls."""

from argparse import Namespace
from pathlib import Path

import pytest

from bench.sdk_bill import is_paid_once, started, two_apis

pytestmark = pytest.mark.e2e


@pytest.mark.timeout(240)
def test_each_call_is_bought_once_and_can_be_read_by_its_id(tmp_path: Path) -> None:
    """Given cuts at 12 points, and kills of apis and workers / I expect one bill for each call."""
    with started(two_apis(tmp_path)) as system:
        assert is_paid_once(system, Namespace(calls=48, threads=12, seed=3))
