"""What every test gets: an environment without leaking settings, and no way to spend money."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

LEAKS = ("REDIS_URL", "DATABASE_URL", "LORE_", "LORESMITH_", "OPENAI_", "RQ_")

for _name in [name for name in os.environ if name.startswith(LEAKS)]:
    del os.environ[_name]
# A provider client that is given nothing else must not reach a real provider.
os.environ["OPENAI_BASE_URL"] = "http://127.0.0.1:9/v1"
os.environ["OPENAI_API_KEY"] = "not-a-key"


# Thousands of collected tests live until the end: the garbage collector need not look at them.
gc.disable()


def pytest_collection_finish() -> None:
    gc.enable()
    gc.freeze()


def in_ci() -> bool:
    """In CI a missing server is a failure, not a skip."""
    return os.environ.get("CI") == "true"


def examples(full: int) -> int:
    """Number of Hypothesis examples: all in `make test` and CI, a quarter in `make check`."""
    return full if os.environ.get("EXAMPLES") == "full" or in_ci() else full // 4


# No test is timed: a busy machine would fail it.
settings.register_profile(
    "loresmith",
    deadline=None,
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("loresmith")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
