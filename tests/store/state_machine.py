"""How a state machine is played against one backend."""

import os
from functools import partial
from typing import Any

from fakeredis import FakeRedis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from redis import Redis

from tests.conftest import examples


def play(machine: Any, redis: Redis, *, fake: int, real: int, steps: int) -> None:
    """Plays so many lives of so many steps at most; LIVES=5000 in the environment for a
    long run.
    """
    count = fake if isinstance(redis, FakeRedis) else real
    run_state_machine_as_test(
        partial(machine, redis),  # type: ignore[arg-type]  # a factory is as good as the class
        settings=settings(
            max_examples=int(os.environ.get("LIVES", examples(count))),
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
        ),
    )
