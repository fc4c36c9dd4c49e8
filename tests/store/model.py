"""What the scripts should do, said once more in Python: no Redis, no time, no money.

Each method takes what the driver's method of the same name takes, and returns what the store must
return. It is written from the headers of the scripts and from docs, not from their bodies.
"""

from dataclasses import dataclass, field

from loresmith.jobs.core.status import ACTIVE, Status
from tests.store.driver import call_id

Answer = tuple[str, str]


@dataclass
class Job:
    fingerprint: str
    slot: str
    status: str = Status.PENDING
    attempt: int = 1
    generation: int = 0
    lease_holder: str = ""
    cancel: str = ""
    progress: int = 0
    worker_losses: int = 0
    late: bool = False
    """Whether its start deadline has passed."""
    due: bool = False
    """Whether it is due for the reconciler."""
    steps: dict[str, str] = field(default_factory=dict)
    calls: set[str] = field(default_factory=set)

    @property
    def active(self) -> bool:
        return self.status in ACTIVE

    def belongs_to(self, attempt: int, owner: str) -> bool:
        return (self.attempt, self.lease_holder) == (attempt, owner)

    def close(self, status: str) -> str:
        self.status, self.lease_holder = status, ""
        return status

    def release_lease(self, due: bool) -> int:
        self.attempt, self.lease_holder, self.due = self.attempt + 1, "", due
        return self.attempt


@dataclass
class Call:
    state: str
    owner: str
    fencing_token: str = ""
    """Which purchase it is; a released call may be bought again, under another one."""
    usable: bool = True
    cancel: bool = False
    response_id: str = ""
    expired: bool = False
    """Whether its owner's lease is over."""


class Model:
    """All jobs and calls there are."""

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.slots: dict[str, Answer] = {}
        self.calls: dict[str, Call] = {}

    def submit(self, job_id: str, key: str, fingerprint: str) -> Answer:
        held = self.slots.get(key) if key else None
        if held is None and job_id in self.jobs:
            held = (job_id, self.jobs[job_id].fingerprint)
        if held is not None:
            outcome = "existing" if held[1] == fingerprint else "mismatch"
            return ("deleted" if held[1] == "deleted" else outcome, held[0])
        self.jobs[job_id] = Job(fingerprint, key)
        if key:
            self.slots[key] = (job_id, fingerprint)
        return ("created", job_id)

    def claim(self, job_id: str, attempt: int, owner: str) -> str:
        job = self.jobs.get(job_id)
        if job is None:
            return "gone"
        if not job.active:
            return "terminal"
        if job.attempt != attempt:
            return "stale"
        if job.lease_holder not in ("", owner):
            return "busy"
        if job.status == Status.PENDING and job.late:
            return "late"
        if job.lease_holder == "":
            job.status, job.lease_holder, job.due = Status.PROCESSING, owner, False
            job.progress = max(job.progress, 20)
        return ""

    def report_progress(self, job_id: str, attempt: int, owner: str, progress: int) -> str:
        job = self._mine(job_id, attempt, owner)
        if job is None:
            return "lost"
        job.progress, job.due = max(job.progress, progress), False
        return job.cancel or "ok"

    def checkpoint(
        self, job_id: str, attempt: int, owner: str, step: str, output: str
    ) -> str | None:
        job = self._mine(job_id, attempt, owner)
        return None if job is None else job.steps.setdefault(step, output)

    def finish(self, job_id: str, attempt: int, owner: str, outcome: str) -> str:
        job = self.jobs.get(job_id)
        if job is None:
            return "lost"
        if not job.active:
            return "terminal"
        if not job.belongs_to(attempt, owner) or (owner == "" and outcome != "failed"):
            return "lost"
        if outcome == "completed" and not job.cancel:
            job.progress = 100
        return job.close("cancelled" if job.cancel else outcome)

    def release(self, job_id: str, attempt: int, owner: str) -> list[int]:
        """Returns the next attempt, if there is one."""
        job = self._mine(job_id, attempt, owner)
        if job is not None and job.cancel:
            job.close("cancelled")
        elif job is not None:
            return [job.release_lease(due=True)]
        return []

    def retry_later(self, job_id: str, attempt: int, owner: str) -> str:
        job = self._mine(job_id, attempt, owner)
        if job is None:
            return "lost"
        if job.cancel:
            return "cancel"
        job.release_lease(due=False)
        return "ok"

    def reconcile(self, *, take_over: bool, max_worker_losses: int) -> dict[str, tuple[int, str]]:
        due = [(job_id, job) for job_id, job in self.jobs.items() if job.active and job.due]
        return {job_id: self._handle(job, take_over, max_worker_losses) for job_id, job in due}

    def _handle(self, job: Job, take_over: bool, max_worker_losses: int) -> tuple[int, str]:
        attempt, job.due = job.attempt, False
        if job.status == Status.PENDING and job.late:
            return attempt, job.close("failed")
        if job.lease_holder == "":
            return attempt, "enqueue"
        if not take_over:
            return attempt, "waiting"
        if job.cancel:
            return attempt, job.close("cancelled")
        if job.worker_losses + 1 >= max_worker_losses:
            return attempt, job.close("failed")
        job.worker_losses += 1
        return job.release_lease(due=False), "recovered"

    def cancel(self, job_id: str, mode: str) -> str:
        job = self.jobs.get(job_id)
        if job is None:
            return "gone"
        if not job.active:
            return "terminal"
        if mode == "now":
            for name in job.calls:
                self.cancel_call(name)
        if job.lease_holder == "":
            return job.close("cancelled")
        job.cancel = "now" if mode == "now" else job.cancel or mode
        return "cancelling"

    def retry(self, job_id: str, attempt: int | None, *, consent: bool) -> Answer:
        job = self.jobs.get(job_id)
        if job is None:
            return ("gone", "")
        if job.status not in (Status.FAILED, Status.CANCELLED):
            return ("active", job.status)
        if attempt not in (None, job.attempt):
            return ("stale", str(job.attempt))
        if not consent and any(self._in_doubt(job, name) for name in job.calls):
            return ("unknown", "")
        job.status, job.cancel, job.progress, job.worker_losses = Status.PENDING, "", 0, 0
        job.late, job.generation = False, job.generation + 1
        return ("ok", str(job.release_lease(due=False)))

    def _in_doubt(self, job: Job, name: str) -> bool:
        """Whether a call may have been bought, of a step that a retry would buy."""
        step = name.split("/")[1].removesuffix("~repair")
        rows = [self.calls[call] for call in job.calls if call.split("/")[1] == step]
        bought = step in job.steps or any(row.state == "done" and row.usable for row in rows)
        return self.calls[name].state in ("unknown", "intent") and not bought

    def delete(self, job_id: str) -> str:
        job = self.jobs.get(job_id)
        if job is None:
            return "gone"
        if job.active:
            return "active"
        if job.slot:
            self.slots[job.slot] = (job_id, "deleted")
        del self.jobs[job_id]
        return "ok"

    def intent(
        self,
        job_id: str,
        attempt: int,
        step: str,
        generation: int,
        *,
        owner: str,
        fencing_token: str,
    ) -> Answer:
        job = self.jobs.get(job_id)
        if job is None or (job.status, job.attempt) != (Status.PROCESSING, attempt):
            return ("fenced", "")
        if generation > job.generation:
            return ("fenced", "")
        if job.cancel:
            return ("cancel", "")
        if known := self._known(job_id, step, generation, fencing_token):
            return known
        bought = call_id(job_id, step, generation)
        self.calls[bought] = Call("intent", owner, fencing_token)
        job.calls.add(bought)
        return ("go", bought)

    def _known(self, job_id: str, step: str, generation: int, fencing_token: str) -> Answer | None:
        """What is known of this call, or a usable result of an earlier generation."""
        for earlier in range(generation, -1, -1):
            name = call_id(job_id, step, earlier)
            call = self.calls.get(name)
            if call is None:
                continue
            if call.state == "intent" and call.cancel and earlier < generation:
                continue  # it is being stopped; nobody joins it
            if call.state == "intent":
                return ("go" if call.fencing_token == fencing_token else "attach", name)
            if call.state == "done" and call.usable:
                return ("done", name)
            if earlier == generation and call.state != "released":
                return (call.state if call.state != "done" else "unusable", name)
        return None

    def settle(self, name: str, state: str, fencing_token: str) -> str:
        call = self.calls.get(name)
        if call is None:
            return "gone"
        is_open = call.state == "intent" or (call.state, state) == ("unknown", "done")
        if not is_open or fencing_token != call.fencing_token:
            return "settled"
        call.state = state
        return "ok"

    def mark_unusable(self, name: str) -> str:
        call = self.calls.get(name)
        if call is None or call.state != "done":
            return "gone"
        call.usable = False
        return "ok"

    def call_heartbeat(self, name: str, *, owner: str) -> str:
        call = self.calls.get(name)
        if call is None or (call.state, call.owner) != ("intent", owner):
            return "lost"
        call.expired = False
        return "cancel" if call.cancel else "ok"

    def cancel_call(self, name: str) -> str:
        call = self.calls.get(name)
        if call is None:
            return "absent"
        call.cancel = call.cancel or call.state == "intent"
        return call.state

    def reap(self, owner: str) -> dict[str, str]:
        expired = {
            n: call for n, call in self.calls.items() if call.state == "intent" and call.expired
        }
        return {name: self._give_up(call, owner) for name, call in expired.items()}

    def _give_up(self, call: Call, owner: str) -> str:
        call.expired = False
        if call.response_id:
            call.owner = owner
            return "resume"
        call.state = "unknown"
        return "unknown"

    def _mine(self, job_id: str, attempt: int, owner: str) -> Job | None:
        """The job, when that attempt of that owner runs it."""
        job = self.jobs.get(job_id)
        runs = job is not None and job.status == Status.PROCESSING
        return job if job is not None and runs and job.belongs_to(attempt, owner) else None
