"""Kills, pauses and restarts processes at random moments, from a seed."""

import random
import threading
import time
from dataclasses import dataclass

from chaos.powercut import PowerCut
from chaos.proxy import AckDroppingProxy
from tests.servers import RedisServer
from tests.stack import Stack


@dataclass(frozen=True)
class Fault:
    """One kill, pause or power cut."""

    at: float
    what: str
    part: str


class Monkey(threading.Thread):
    """Causes a fault every 0.3 to 0.9 s until `stop`, then repairs everything."""

    def __init__(
        self,
        system: Stack,
        proxy: AckDroppingProxy,
        seed: int,
        lease_s: float,
        power: PowerCut | None = None,
    ) -> None:
        """With `power`, each kill of the server loses its unflushed data."""
        super().__init__(daemon=True, name="monkey")
        self._system, self._proxy, self._lease, self._power = system, proxy, lease_s, power
        self._random = random.Random(seed)
        self._done = threading.Event()
        self.faults: list[Fault] = []
        self.own_deaths: list[str] = []
        """Processes that ended by themselves, for example by starting while Redis was down."""
        self._victims = [name for name in system.parts if name != "offline"] + ["redis"]
        self._paused: dict[str, float] = {}

    def run(self) -> None:
        self._proxy.dropping = True
        while not self._done.wait(self._random.uniform(0.3, 0.9)):
            self._resume(time.monotonic())
            self.revive()
            self._strike(self._random.choice(self._victims))
        self._proxy.dropping = False
        self._repair()

    def stop(self) -> None:
        """Stops the faults and returns when every process is up again."""
        self._done.set()
        self.join(120)

    def _strike(self, name: str) -> None:
        pausable = name.startswith(("worker", "lore", "api")) and name not in self._paused
        if pausable and self._random.random() < 0.2:
            self._record("pause", name)
            self._system[name].pause()
            self._paused[name] = time.monotonic() + 1.6 * self._lease
            return
        if name == "redis":
            self._restart_redis(self._system.redis_server)
        else:
            self._record("kill", name)
            self._restart(name)

    def revive(self) -> None:
        """Restarts what ended by itself, as a supervisor does."""
        for name, part in self._system.parts.items():
            if not part.alive:
                self.own_deaths.append(name)
                part.start()

    def _restart(self, name: str) -> None:
        part = self._system[name]
        part.kill()
        self._paused.pop(name, None)
        time.sleep(self._random.uniform(0, 0.4))
        part.start()

    def _restart_redis(self, server: RedisServer) -> None:
        self._record("power cut of" if self._power else "kill", "redis")
        if self._power:
            self._power.strike(server)
        else:
            server.kill()
        time.sleep(self._random.uniform(0, 0.4))
        server.start()

    def _resume(self, now: float) -> None:
        for name in [name for name, until in self._paused.items() if until <= now]:
            self._system[name].resume()
            del self._paused[name]

    def _repair(self) -> None:
        self._resume(float("inf"))
        for part in self._system.parts.values():
            if not part.alive:
                part.start()
        for part in self._system.parts.values():
            part.wait(60)

    def _record(self, what: str, part: str) -> None:
        self.faults.append(Fault(time.time(), what, part))
