"""The maintenance thread, whatever fails in it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis.exceptions import ConnectionError

from loresmith.api.background.maintenance import MaintenanceThread
from tests.waiting import wait_until


class EmptyOutbox:
    """An archiver without entries."""

    mismatch = ""

    def drain_quietly(self) -> None:
        pass


class FakeReconciler:
    """Counts its rounds, after it has raised the given failures."""

    def __init__(self, *failures: Exception) -> None:
        self.rounds = 0
        self.failures = list(failures)

    def reconcile(self) -> None:
        self.rounds += 1
        if self.failures:
            raise self.failures.pop(0)


@contextmanager
def maintenance(reconciler: FakeReconciler) -> Iterator[None]:
    thread = MaintenanceThread(reconciler, EmptyOutbox(), 0.02)  # type: ignore[arg-type]
    thread.start()
    try:
        yield
    finally:
        thread.stop()


def test_it_runs_rounds_until_it_is_stopped() -> None:
    reconciler = FakeReconciler()
    with maintenance(reconciler):
        wait_until(lambda: reconciler.rounds >= 3, "it runs rounds")

    assert "maintenance" not in {each.name for each in threading.enumerate()}


def test_a_failed_round_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    reconciler = FakeReconciler(ConnectionError("away"), RuntimeError("a bug"))
    with maintenance(reconciler):
        wait_until(lambda: reconciler.rounds >= 3, "it runs again")

    assert "maintenance failed" in caplog.text
