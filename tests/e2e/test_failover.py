"""A failover of a replicated Redis, with the real HAProxy and Sentinel and the files of deploy/."""

import shutil
from pathlib import Path

import pytest

from chaos.failover import fail_over
from tests.conftest import in_ci

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        shutil.which("haproxy") is None and not in_ci(), reason="HAProxy is not installed"
    ),
]


def test_a_failover_loses_no_accepted_job_and_buys_nothing_twice(tmp_path: Path) -> None:
    """Given LORESMITH_ACK_REPLICAS=1 and replicas that lag / when the primary is killed and comes
    back with its old data / I expect every accepted job there and ended, and each call billed once.
    """
    outcome = fail_over(tmp_path, kills=1, ack_replicas=1)

    assert outcome.accepted > 5
    assert (outcome.lost, outcome.bought_twice, outcome.unfinished) == (0, 0, 0)
