"""Builds the components of a worker process and closes them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from redis import Redis
from rq.worker import BaseWorker

from loresmith.jobs.core.liveness import LivenessFile
from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.safe_http.addresses import AllowList
from loresmith.jobs.store.primary import PrimaryGuard
from loresmith.jobs.store.queue import JobQueue
from loresmith.jobs.store.reconciler import Reconciler
from loresmith.protos.connection import LoreServiceConnection
from loresmith.worker.adapters.archive_sink import ResultArchive
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.adapters.part_announcement import WorkerAnnouncement
from loresmith.worker.adapters.redis_connections import pooled
from loresmith.worker.adapters.rq_registry import RqRegistrySync
from loresmith.worker.adapters.server_check import ServerCheck
from loresmith.worker.execution.execution import Execution
from loresmith.worker.execution.executor import JobThreadPool
from loresmith.worker.execution.hand_over import HandOver
from loresmith.worker.execution.running_jobs import RunningJobs
from loresmith.worker.intake.fetcher import Fetcher
from loresmith.worker.intake.queue_consumer import QueueConsumer
from loresmith.worker.maintenance import WorkerMaintenance
from loresmith.worker.model_client.client import LoreClient
from loresmith.worker.progress.heartbeat import HeartbeatThread

MAX_RQ_CONNECTIONS = 8


@dataclass(frozen=True)
class WorkerComponents:
    """The components that the worker class uses."""

    consumer: QueueConsumer
    fetcher: Fetcher
    running: RunningJobs
    hand_over: HandOver
    thread_pool: JobThreadPool
    store: WorkerJobStore
    heartbeat: HeartbeatThread
    maintenance: WorkerMaintenance
    announcement: WorkerAnnouncement
    server_check: ServerCheck
    client: LoreClient
    archive: ResultArchive
    liveness: LivenessFile

    def report_alive(self) -> None:
        """Touches the file of `loresmith probe`, unless a thread that the worker needs is dead."""
        if self.heartbeat.is_alive() and self.maintenance.is_alive():
            self.liveness.touch()

    def close(self) -> None:
        """Closes the connections to the lore_service and the archive."""
        self.liveness.close()
        self.client.close()
        self.archive.close()


def build(
    worker: BaseWorker,
    redis: Redis,
    config: Settings,
    suspended: Callable[[], bool],
    takes_jobs: Callable[[], bool],
) -> WorkerComponents:
    """Builds the components of one worker process; connects to nothing yet.

    Raises SettingsError.
    """
    guard = PrimaryGuard.of(config)
    text_redis = pooled(redis, guard, decode=True)
    bytes_redis = pooled(redis, guard, decode=False, max_connections=MAX_RQ_CONNECTIONS)
    queue = JobQueue(bytes_redis, config.rq_queue)
    consumer = QueueConsumer(bytes_redis, worker.queue_names())
    running = RunningJobs(config.concurrency)
    owner = f"{worker.name}.{uuid4().hex[:8]}@{','.join(worker.queue_names())}"
    store = WorkerJobStore(text_redis, owner, config.lease_s, config.requeue_after_s)
    registry = RqRegistrySync(worker, bytes_redis, config.lease_s)
    client, archive = (
        LoreClient(
            LoreServiceConnection(
                config.lore_service_address, config.lore_service_token, config.client_tls()
            )
        ),
        ResultArchive(config.database_url, text_redis),
    )
    hand_over = HandOver(running, queue, takes_jobs)
    execution = Execution(
        store, client, archive, config.heartbeat_interval_s, hand_over, http_allowed(config)
    )
    server_check = ServerCheck(text_redis, guard, config.ack_replicas)
    reconciler = Reconciler(text_redis, queue, config)
    announcement = WorkerAnnouncement(text_redis, worker.name)
    heartbeat = HeartbeatThread(running.all, store, registry, config, suspended)
    return WorkerComponents(
        consumer=consumer,
        fetcher=Fetcher(consumer, store, registry, running, hand_over, worker.queue_names()),
        running=running,
        hand_over=hand_over,
        thread_pool=JobThreadPool(running, execution, store, registry, queue, heartbeat.wake),
        store=store,
        heartbeat=heartbeat,
        maintenance=WorkerMaintenance(
            reconciler, registry, server_check, announcement, config.reconcile_interval_s
        ),
        announcement=announcement,
        server_check=server_check,
        client=client,
        archive=archive,
        liveness=LivenessFile(Path(config.data_dir), "worker"),
    )


def http_allowed(config: Settings) -> AllowList:
    """Returns what requests of job types may reach beside public addresses. Raises
    SettingsError.
    """
    try:
        return AllowList.parse(config.http_allow)
    except ValueError as error:
        raise SettingsError(f"LORESMITH_HTTP_ALLOW {error}") from None
