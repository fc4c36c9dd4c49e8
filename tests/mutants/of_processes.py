"""What Python adds to the scripts."""

from tests.mutants.mutant import Mutant


def python(module: str, name: str, old: str, new: str) -> Mutant:
    """A mutant of a module of jobs, which its unit tests must kill."""
    tests = (f"tests/unit/jobs/test_jobs_{module}.py",)
    return Mutant(f"{module}: {name}", f"jobs/{module}.py", old, new, tests)


MUTANTS: list[Mutant] = [
    python(
        "sweeper",
        "off",
        "        found += page\n        self.tidy()",
        "        return []\n        self.tidy()",
    ),
    python(
        "sweeper", "does not ring for the recovered", 'in ("ring", "recovered")]', 'in ("ring",)]'
    ),
    python("sweeper", "rings for what lies in the queue", " if ring.entry not in waiting", ""),
    python("sweeper", "takes over right after a restart", "uptime_s > lease_s and ", ""),
    python("sweeper", "takes over right after a sleep", " and now >= self._settled_at", ""),
    python("doorbell", "RQ's time-outs are on", '"timeout": -1', '"timeout": 180'),
    python("config", "a lease shorter than its beats", "self.beat_s * 3 > self.lease_s", "False"),
    python("config", "sweeps that never take over", "self.sweep_s * 3 > self.lease_s", "False"),
]
