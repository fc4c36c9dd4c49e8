"""A Redis server, a fake lore_service and workers as real processes, for the worker's tests."""

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
from redis.exceptions import NoScriptError, RedisError

from jobs import keys
from jobs.doorbell import Doorbell, Ring
from jobs.job import Record, new_id
from jobs.kinds import KINDS
from jobs.scripts import flat, script
from tests.integration.fake_lore import FakeLore, LoreServer
from tests.servers import RedisServer, free_port
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
QUEUE = "lore"
DAY_MS = 86_400_000


@dataclass
class Worker:
    """A worker process."""

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
        """SIGKILL; returns when it is gone."""
        self.process.kill()
        self.process.wait()

    def ends(self, timeout: float = 15) -> int:
        """Its exit code, once it is gone by itself."""
        return self.process.wait(timeout)


@dataclass
class Workshop:
    """Everything around the workers under test."""

    directory: Path
    server: RedisServer
    lore: LoreServer
    env: dict[str, str] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)

    @property
    def fake(self) -> FakeLore:
        return self.lore.fake

    @property
    def redis(self) -> Any:
        """A fresh client that decodes; the server may have been started again."""
        return Redis(port=self.server.port, decode_responses=True, socket_timeout=5)

    @property
    def doorbell(self) -> Doorbell:
        return Doorbell(Redis(port=self.server.port), QUEUE)

    def worker(self, *options: str, own_command: bool = False, **env: str) -> Worker:
        """Starts a worker by RQ's command line, or by our own; returns when it takes jobs."""
        command = [*self.rq_command("worker"), "-w", "worker.LoreWorker", *options, QUEUE]
        if own_command:
            command = [*self.own_command(), *options]
        worker = self.launch(command, **env)
        wait_until(lambda: self._is_up(worker), "the worker takes jobs", timeout=20)
        return worker

    def launch(self, command: list[str], **env: str) -> Worker:
        """Starts a process with its own log, and does not wait for it."""
        log_file = self.directory / f"worker{len(self.workers)}.log"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                command, env=self._environment() | env, stdout=log, stderr=log, cwd=self.directory
            )
        worker = Worker(process, log_file)
        self.workers.append(worker)
        return worker

    def submit(
        self,
        kind: str = "generate_characters",
        *,
        ring: bool = True,
        expected_s: float = 30,
        timeout_s: float = 90,
        payload: str = "",
        **fields: Any,
    ) -> str:
        """Stores a job as the api does, and rings for it."""
        job_id = new_id()
        told = {
            "type": kind,
            "payload": payload or json.dumps(KINDS[kind].example),
            "options": "{}",
            "message": "Preparing your request...",
            "work_message": KINDS[kind].message,
            "expected_s": expected_s,
            "timeout_s": timeout_s,
            **fields,
        }
        job = keys.job(job_id)
        self.run(
            "submit",
            [job, job],
            job_id,
            "print",
            5_000,
            DAY_MS,
            "type:generate_characters",
            "",
            0,
            *flat(told),
        )
        if ring:
            self.doorbell.ring([Ring(job_id, 1)])
        return job_id

    def run(self, name: str, names: list[str], *values: Any) -> Any:
        """One script of jobs/lua."""
        lua = script(name)
        with self.redis as redis:
            try:
                return redis.evalsha(lua.sha, len(names), *names, *values)
            except NoScriptError:
                return redis.eval(lua.source, len(names), *names, *values)

    def cancel(self, job_id: str, mode: str = "now") -> list[str]:
        job = keys.job(job_id)
        return list(self.run("cancel", [job], job_id, "Job cancelled", "Cancelling...", mode, ""))

    def retry(self, job_id: str) -> int:
        """Has a failed job run again, as the api does; answers its attempt."""
        job = keys.job(job_id)
        answer = self.run("retry", [job], job_id, "", "", 5_000, DAY_MS, "Again")
        self.doorbell.ring([Ring(job_id, int(answer[1]))])
        return int(answer[1])

    def job(self, job_id: str) -> Record:
        with self.redis as redis:
            return dict(redis.hgetall(keys.job(job_id)))

    def updates(self, job_id: str) -> list[dict[str, str]]:
        """What a watcher of the job was told, in order."""
        with self.redis as redis:
            return [update for _, update in redis.xrange(keys.updates(job_id))]

    def statuses(self, job_ids: list[str]) -> list[str]:
        with self.redis as redis, redis.pipeline() as pipeline:
            for job_id in job_ids:
                pipeline.hget(keys.job(job_id), "status")
            return list(pipeline.execute())

    def wait_for(self, job_id: str, status: str = "completed", timeout: float = 15) -> Record:
        """The record, once the job has the status."""

        def reached() -> Record | None:
            record = self.job(job_id)
            return record if record.get("status") == status else None

        found = wait_until(reached, f"job {job_id} is {status}", timeout=timeout, every=0.02)
        return found or {}

    def wait_for_all(self, job_ids: list[str], status: str, timeout: float = 30) -> None:
        wait_until(
            lambda: all(each == status for each in self.statuses(job_ids)),
            f"all {len(job_ids)} jobs are {status}",
            timeout=timeout,
            every=0.05,
        )

    @staticmethod
    def rq_command(name: str) -> list[str]:
        return [str(BIN / "rq"), name]

    @staticmethod
    def own_command() -> list[str]:
        return [sys.executable, "-m", "worker"]

    def rq_info(self) -> str:
        """What `rq info --raw` prints."""
        return self.rq("info", "--raw")

    def rq(self, *arguments: str) -> str:
        """What RQ's command line answers, when it succeeds."""
        return subprocess.run(
            [BIN / "rq", *arguments, "-u", self.server.url],
            env=self._environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=20,
        ).stdout

    def leftovers(self) -> list[str]:
        """RQ's keys of jobs: what a finished job must not leave."""
        with self.redis as redis:
            return sorted(
                key
                for key in redis.scan_iter("rq:*")
                if not key.startswith(("rq:worker", "rq:queues", "rq:pubsub"))
            )

    def _is_up(self, worker: Worker) -> bool:
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
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return kept | {
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "REDIS_URL": self.server.url,
            "DATABASE_URL": f"sqlite:///{self.directory}/worlds.db",
            "LORE_ADDRESS": self.lore.address,
            **self.env,
        }


@contextmanager
def workshop(directory: Path, **env: str) -> Iterator[Workshop]:
    """A workshop without workers yet; all of it is gone after the with block."""
    server = RedisServer(free_port(), directory)
    lore = LoreServer(free_port())
    shop = Workshop(directory, server, lore, env)
    server.start()
    lore.start()
    try:
        yield shop
    finally:
        for worker in shop.workers:
            if worker.process.poll() is None:
                worker.send(signal.SIGCONT)
                worker.kill()
        lore.close()
        server.stop()
