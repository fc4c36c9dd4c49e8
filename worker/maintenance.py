"""Periodic maintenance shared by all workers."""

import time
from threading import Event, Thread

from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.core.outage_log import ARCHIVE_OUTAGE, SERVICE_OUTAGE
from loresmith.jobs.store.reconciler import Reconciler
from loresmith.worker.adapters.part_announcement import WorkerAnnouncement
from loresmith.worker.adapters.redis_retry import StoreError
from loresmith.worker.adapters.rq_registry import RqRegistrySync
from loresmith.worker.adapters.server_check import ServerCheck

log = get_logger(__name__)

PRUNE_INTERVAL_S = 5.0
SERVER_CHECK_INTERVAL_S = 60.0


class WorkerMaintenance(Thread):
    """Announces the worker, reconciles jobs, prunes RQ's registries and checks the server.

    Has its own thread, so that a slow reconcile delays no heartbeat.
    """

    def __init__(
        self,
        reconciler: Reconciler,
        registry: RqRegistrySync,
        server_check: ServerCheck,
        announcement: WorkerAnnouncement,
        interval_s: float,
    ) -> None:
        super().__init__(name="maintenance", daemon=True)
        self._reconciler = reconciler
        self._registry = registry
        self._server_check = server_check
        self._announcement = announcement
        self._interval_s = interval_s
        self._pruned_at = 0.0
        self._stopping = Event()

    def stop(self) -> None:
        """Stops the thread and waits for the current round."""
        self._stopping.set()
        self.join()

    def run(self) -> None:
        """Runs rounds until the thread is stopped."""
        while not self._stopping.wait(self._interval_s):
            ARCHIVE_OUTAGE.watch()
            SERVICE_OUTAGE.watch()
            try:
                self._run_once()
            except StoreError as error:
                log.debug("maintenance skipped, Redis failed", error=safe(error))
            except Exception:
                log.exception("internal error in the maintenance thread; it continues")

    def _run_once(self) -> None:
        self._server_check.watch_epoch()
        self._announcement.announce()
        self._reconciler.reconcile()
        now = time.monotonic()
        if now - self._pruned_at >= PRUNE_INTERVAL_S:
            self._registry.prune()
            self._pruned_at = now
        if now - self._server_check.checked_at >= SERVER_CHECK_INTERVAL_S:
            self._server_check.findings()
