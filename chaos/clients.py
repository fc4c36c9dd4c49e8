"""People who use the system while it is being broken, and remember what they were told."""

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
class Told:
    """What the system said about one job."""

    key: str
    body: dict[str, Any]
    job_id: str = ""
    seen: list[tuple[int, int, str, int]] = field(default_factory=list)
    """(version, attempt, status, progress) in the order of the answers."""
    cancel_answered_at: float = 0.0
    cancel_status: int = 0
    server_errors: int = 0
    final: dict[str, Any] = field(default_factory=dict)


class Clients:
    """Submits, submits again, cancels and polls on threads until every job is terminal."""

    def __init__(self, system: Stack, seed: int, create_world_share: float) -> None:
        self._system = system
        self._random = random.Random(seed)
        self._worlds = create_world_share
        self._lock = threading.Lock()
        self.told: list[Told] = []
        self.double_ids: list[str] = []
        self.refused = 0
        """Jobs for which a budget had no room."""
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
            told = Told(str(uuid.UUID(int=self._random.getrandbits(128))), self._body())
            if self._accepted(told):
                with self._lock:
                    self.told.append(told)
                if self._random.random() < 0.10:
                    self._submit_again(told)
                if self._random.random() < 0.15:
                    delay = self._random.uniform(0, 2.0)
                    threading.Timer(delay, self._cancel, args=(told,)).start()
            time.sleep(self._random.expovariate(rate))

    def _body(self) -> dict[str, Any]:
        seed = self._random.randrange(1_000_000)
        team = {"team_id": self._random.choice(TEAMS)}
        if self._random.random() < self._worlds:
            payload = {"theme": f"sea {seed}", "user_id": "chaos"}
            return {"type": "create_world", "payload": payload, **team}
        kind = self._random.choice(["characters", "factions", "settings", "events", "relics"])
        payload = {"theme": f"dust {seed}", "count": 3}
        return {"type": f"generate_{kind}", "payload": payload, **team}

    def _accepted(self, told: Told) -> bool:
        """Posts with the same key until somebody answers for good."""
        while not self.give_up.is_set():
            status, job = self._post(told)
            if status in (200, 202):
                told.job_id = job["id"]
                return True
            if status == 402:
                self.refused += 1
                return False
            if status == 500:
                told.server_errors += 1
            if 400 <= status < 500 and status not in (409, 429):
                raise SystemExit(f"refused with {status}: {job}")
            time.sleep(0.1)
        return False

    def _post(self, told: Told) -> tuple[int, Any]:
        return request("POST", f"{self._system.url}/jobs", told.body, {"Idempotency-Key": told.key})

    def _submit_again(self, told: Told) -> None:
        status, job = self._post(told)
        if status in (200, 202) and job["id"] != told.job_id:
            self.double_ids.append(job["id"])

    def _cancel(self, told: Told) -> None:
        for _ in range(50):
            status, _ = request("POST", f"{self._system.url}/jobs/{told.job_id}/cancel", {})
            if status == 500:
                told.server_errors += 1
            if status in (200, 202, 409, 404):
                told.cancel_status, told.cancel_answered_at = status, time.time()
                return
            time.sleep(0.1)

    def _poll(self, number: int, of: int) -> None:
        while not self.give_up.is_set():
            with self._lock:
                mine = [told for told in self.told[number::of] if not told.final]
            for told in mine:
                self._look(told)
            time.sleep(0.1)

    def _look(self, told: Told) -> None:
        status, job = request("GET", f"{self._system.url}/jobs/{told.job_id}")
        if status == 500:
            told.server_errors += 1
        if status == 404:
            told.seen.append((0, 0, "missing", 0))
        if status != 200:
            return
        told.seen.append((job["version"], job["attempt"], job["status"], job["progress"]))
        if job["status"] in TERMINAL:
            told.final = job

    @property
    def unfinished(self) -> list[Told]:
        with self._lock:
            return [told for told in self.told if not told.final]
