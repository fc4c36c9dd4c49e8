"""Measures memory and CPU of process trees, from /proc."""

import os
import threading
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """Returns a process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            children.setdefault(int(stat[1]), []).append(int(entry.name))
    pids, remaining = [], [pid]
    while remaining:
        pids.append(parent := remaining.pop())
        remaining += children.get(parent, [])
    return pids


def pss_mib(pids: list[int]) -> float:
    """Returns the proportional set size of some processes together, in MiB."""
    return sum(_pss_kib(pid) for pid in pids) / 1024


def cpu_seconds(pids: list[int]) -> float:
    """Returns the user and system time of some processes, in seconds."""
    stats = [stat for pid in pids if (stat := _stat(pid))]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS_PER_SECOND


def _stat(pid: int) -> list[str] | None:
    """Returns the fields of /proc/pid/stat after the command name; None for an ended process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _pss_kib(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


class PeakMemory:
    """Samples the PSS of a process tree on a thread while a with block runs."""

    def __init__(self, pid: int, every_s: float = 0.25) -> None:
        self.peak_mib = self.idle_mib = pss_mib(tree(pid))
        self.processes = 1
        self._pid, self._every, self._done = pid, every_s, threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self) -> None:
        while not self._done.wait(self._every):
            pids = tree(self._pid)
            self.processes = max(self.processes, len(pids))
            self.peak_mib = max(self.peak_mib, pss_mib(pids))

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
