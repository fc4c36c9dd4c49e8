"""Clients that use the system under chaos and record its responses."""

import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.stack import Stack, request

TEAMS = ("red", "green", "poor")
TERMINAL = {"completed", "failed", "cancelled"}


@dataclass
class SubmittedJob:
    """One job and the responses about it."""

    key: str
    body: dict[str, Any]
    job_id: str = ""
    seen: list[tuple[int, int, str, int]] = field(default_factory=list)
    """(version, attempt, status, progress) in the order of the responses."""
    cancel_status: int = 0
    server_errors: int = 0
    final: dict[str, Any] = field(default_factory=dict)


class Clients:
    """Submits, resubmits, cancels and polls on threads until every job has ended."""

    def __init__(self, system: Stack, seed: int, create_world_share: float) -> None:
        self._system = system
        self._random = random.Random(seed)
        self._worlds = create_world_share
        self._lock = threading.Lock()
        self.jobs: list[SubmittedJob] = []
        self.double_ids: list[str] = []
        self.refused = 0
        """Jobs that a budget refused."""
        self.stop_submitting = threading.Event()
        self.give_up = threading.Event()

    def run(self, jobs: int, rate_per_s: float) -> list[threading.Thread]:
        """Starts the threads: one submits, four poll."""
        threads = [threading.Thread(target=self._submit_all, args=(jobs, rate_per_s), daemon=True)]
        threads += [threading.Thread(target=self._poll, args=(n, 4), daemon=True) for n in range(4)]
        for thread in threads:
            thread.start()
        return threads

    def _submit_all(self, jobs: int, rate: float) -> None:
        for _ in range(jobs):
            if self.stop_submitting.is_set():
                return
            job = SubmittedJob(str(uuid.UUID(int=self._random.getrandbits(128))), self._body())
            if self._accepted(job):
                with self._lock:
                    self.jobs.append(job)
                if self._random.random() < 0.10:
                    self._resubmit(job)
                if self._random.random() < 0.15:
                    delay = self._random.uniform(0, 2.0)
                    threading.Timer(delay, self._cancel, args=(job,)).start()
            time.sleep(self._random.expovariate(rate))

    def _body(self) -> dict[str, Any]:
        seed = self._random.randrange(1_000_000)
        team = {"team_id": self._random.choice(TEAMS)}
        if self._random.random() < self._worlds:
            payload = {"theme": f"sea {seed}", "user_id": "chaos"}
            return {"type": "create_world", "payload": payload, **team}
        job_type = self._random.choice(["characters", "factions", "settings", "events", "relics"])
        payload = {"theme": f"dust {seed}", "count": 3}
        return {"type": f"generate_{job_type}", "payload": payload, **team}

    def _accepted(self, job: SubmittedJob) -> bool:
        """Posts with the same key until the response is final."""
        while not self.give_up.is_set():
            status, body = self._post(job)
            if status in (200, 202):
                job.job_id = body["id"]
                return True
            if status == 402:
                self.refused += 1
                return False
            if status == 500:
                job.server_errors += 1
            if 400 <= status < 500 and status not in (409, 429):
                raise SystemExit(f"refused with {status}: {body}")
            time.sleep(0.1)
        return False

    def _post(self, job: SubmittedJob) -> tuple[int, Any]:
        return request("POST", f"{self._system.url}/jobs", job.body, {"Idempotency-Key": job.key})

    def _resubmit(self, job: SubmittedJob) -> None:
        status, body = self._post(job)
        if status in (200, 202) and body["id"] != job.job_id:
            self.double_ids.append(body["id"])

    def _cancel(self, job: SubmittedJob) -> None:
        for _ in range(50):
            status, _ = request("POST", f"{self._system.url}/jobs/{job.job_id}/cancel", {})
            if status == 500:
                job.server_errors += 1
            if status in (200, 202, 409, 404):
                job.cancel_status = status
                return
            time.sleep(0.1)

    def _poll(self, number: int, of: int) -> None:
        while not self.give_up.is_set():
            with self._lock:
                jobs = [job for job in self.jobs[number::of] if not job.final]
            for job in jobs:
                self._read(job)
            time.sleep(0.1)

    def _read(self, job: SubmittedJob) -> None:
        status, body = request("GET", f"{self._system.url}/jobs/{job.job_id}")
        if status == 500:
            job.server_errors += 1
        if status == 404:
            job.seen.append((0, 0, "missing", 0))
        if status != 200:
            return
        job.seen.append((body["version"], body["attempt"], body["status"], body["progress"]))
        if body["status"] in TERMINAL:
            job.final = body

    @property
    def unfinished(self) -> list[SubmittedJob]:
        with self._lock:
            return [job for job in self.jobs if not job.final]
