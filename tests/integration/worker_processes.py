"""Runs a Redis server, a fake lore_service and workers as real processes."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from loresmith.jobs.core.job_record import Record, new_id
from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import JobQueue
from loresmith.jobs.types.registry import JOB_TYPES
from tests.integration.fake_lore import FakeLoreService, LoreServer
from tests.servers import RedisServer, free_port
from tests.store.driver import Store
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
QUEUE = "lore"


@dataclass
class WorkerProcess:
    """A worker process and its log."""

    process: "subprocess.Popen[bytes]"
    log_file: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Sends SIGKILL and waits for the end."""
        self.process.kill()
        self.process.wait()

    def wait(self, timeout: float = 15) -> int:
        """Waits for the end and returns the exit code."""
        return self.process.wait(timeout)


@dataclass
class WorkerSystem:
    """A Redis server, a fake lore_service and any number of workers."""

    directory: Path
    server: RedisServer
    lore_server: LoreServer
    env: dict[str, str] = field(default_factory=dict)
    workers: list[WorkerProcess] = field(default_factory=list)

    @property
    def lore(self) -> FakeLoreService:
        return self.lore_server.service

    @property
    def redis(self) -> Any:
        """Returns a new client that decodes: the server may have been restarted."""
        return Redis(port=self.server.port, decode_responses=True, socket_timeout=5)

    @property
    def queue(self) -> JobQueue:
        return JobQueue(Redis(port=self.server.port), QUEUE)

    def start_worker(self, *options: str, own_command: bool = False, **env: str) -> WorkerProcess:
        """Starts a worker with RQ's command line or our own; returns when it runs."""
        command = [*self.rq_command("worker"), "-w", "worker.LoreWorker", *options, QUEUE]
        if own_command:
            command = [*self.own_command(), *options]
        worker = self.launch(command, **env)
        wait_until(lambda: self._is_up(worker), "the worker runs", timeout=20)
        return worker

    def launch(self, command: list[str], **env: str) -> WorkerProcess:
        """Starts a process with its own log."""
        log_file = self.directory / f"worker{len(self.workers)}.log"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                command, env=self._environment() | env, stdout=log, stderr=log, cwd=self.directory
            )
        worker = WorkerProcess(process, log_file)
        self.workers.append(worker)
        return worker

    def submit(
        self,
        job_type: str = "generate_characters",
        *,
        enqueue: bool = True,
        expected_s: float = 30,
        timeout_s: float = 90,
        payload: str = "",
        **fields: Any,
    ) -> str:
        """Stores a job and enqueues what was admitted, as the api does."""
        job_id = new_id()
        submitted = {
            "type": job_type,
            "user_id": "demo",
            "payload": payload or json.dumps(JOB_TYPES[job_type].example),
            "work_message": JOB_TYPES[job_type].message,
            "timeout_s": timeout_s,
            **fields,
        }
        with self.redis as redis:
            admitted = Store(redis, expected_s).submit(job_id, **submitted).admitted
        if enqueue:
            self.queue.enqueue(admitted)
        return job_id

    def cancel(self, job_id: str, mode: str = "now") -> str:
        with self.redis as redis:
            return Store(redis).cancel(job_id, mode)

    def retry(self, job_id: str) -> int:
        """Retries a failed job; returns its attempt."""
        with self.redis as redis:
            retried = Store(redis).retry(job_id)
        self.queue.enqueue(retried.admitted)
        return int(retried.detail)

    def job(self, job_id: str) -> Record:
        with self.redis as redis:
            return dict(redis.hgetall(keys.job(job_id)))

    def events(self, job_id: str) -> list[dict[str, str]]:
        """Returns the events of the job, in order."""
        with self.redis as redis:
            return [event for _, event in redis.xrange(keys.updates(job_id))]

    def statuses(self, job_ids: list[str]) -> list[str]:
        with self.redis as redis, redis.pipeline() as pipeline:
            for job_id in job_ids:
                pipeline.hget(keys.job(job_id), "status")
            return list(pipeline.execute())

    def wait_for(self, job_id: str, status: str = "completed", timeout: float = 15) -> Record:
        """Waits for a status of the job and returns its record."""

        def reached() -> Record | None:
            record = self.job(job_id)
            return record if record.get("status") == status else None

        record = wait_until(reached, f"job {job_id} is {status}", timeout=timeout, every=0.02)
        return record or {}

    def wait_for_all(self, job_ids: list[str], status: str, timeout: float = 30) -> None:
        wait_until(
            lambda: all(current == status for current in self.statuses(job_ids)),
            f"all {len(job_ids)} jobs are {status}",
            timeout=timeout,
            every=0.05,
        )

    @staticmethod
    def rq_command(name: str) -> list[str]:
        return [str(BIN / "rq"), name]

    @staticmethod
    def own_command() -> list[str]:
        return [sys.executable, "-m", "loresmith.worker"]

    def rq_info(self) -> str:
        """Returns the output of `rq info --raw`."""
        return self.rq("info", "--raw")

    def rq(self, *arguments: str) -> str:
        """Runs RQ's command line and returns its output."""
        return subprocess.run(
            [BIN / "rq", *arguments, "-u", self.server.url],
            env=self._environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=20,
        ).stdout

    def rq_leftovers(self) -> list[str]:
        """Returns RQ's keys of jobs that wait or run, which an ended job must not leave."""
        with self.redis as redis:
            ended = {
                f"rq:job:{entry}"
                for registry in (f"rq:finished:{QUEUE}", f"rq:failed:{QUEUE}")
                for entry in redis.zrange(registry, 0, -1)
            }
            others = ("rq:worker", "rq:queues", "rq:pubsub", "rq:finished:", "rq:failed:")
            return sorted(
                key
                for key in redis.scan_iter("rq:*")
                if not key.startswith(others) and key not in ended
            )

    def _is_up(self, worker: WorkerProcess) -> bool:
        if worker.process.poll() is not None:
            raise AssertionError(
                f"the worker ended with {worker.process.returncode}:\n{worker.log}"
            )
        try:
            with self.redis as redis:
                rows = (redis.hgetall(key) for key in redis.smembers("rq:workers"))
                return any(
                    row.get("pid") == str(worker.pid) and row.get("state") in ("idle", "busy")
                    for row in rows
                )
        except RedisError:
            return False

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ
        }
        return inherited | {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "REDIS_URL": self.server.url,
            "DATABASE_URL": f"sqlite:///{self.directory}/worlds.db",
            "LORESMITH_LORE_SERVICE_ADDRESS": self.lore_server.address,
            **self.env,
        }


@contextmanager
def worker_system(directory: Path, **env: str) -> Iterator[WorkerSystem]:
    """Starts a system without workers; stops all of it after the with block."""
    server = RedisServer(free_port(), directory)
    lore_server = LoreServer(free_port())
    system = WorkerSystem(directory, server, lore_server, env)
    server.start()
    lore_server.start()
    try:
        yield system
    finally:
        for worker in system.workers:
            if worker.process.poll() is None:
                worker.send(signal.SIGCONT)
                worker.kill()
        lore_server.close()
        server.stop()
