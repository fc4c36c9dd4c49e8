"""Three Redis nodes, three Sentinels and HAProxy, with the files of deploy/redis."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.servers import free_port, redis_binary
from tests.stack import ROOT
from tests.waiting import wait_until

DEPLOY = ROOT / "deploy" / "redis"
NODES = (1, 2, 3)


@dataclass
class RedisNodes:
    """What a `RedisServer` is for a stack: `port` is HAProxy's."""

    directory: Path
    port: int = field(default_factory=free_port)
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ports = {f"redis-{number}": free_port() for number in NODES}
        self.sentinels = {f"sentinel-{number}": free_port() for number in NODES}

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def process(self) -> "subprocess.Popen[bytes] | None":
        """HAProxy; None before the start."""
        return self.processes.get("haproxy")

    def start(self) -> None:
        for name in self.ports:
            self._configure(name)
            self.start_node(name)
        wait_until(lambda: self.replicas("redis-1") == 2, "two replicas follow", timeout=60)
        for name, port in self.sentinels.items():
            self._write(name, "sentinel.conf", {"26379": str(port)})
            self._run(name, redis_binary(), f"{name}.conf", "--sentinel")
        self._write("haproxy", "haproxy.cfg", {":6380": f"127.0.0.1:{self.port}"})
        self._run("haproxy", "haproxy", "-f", "haproxy.conf")
        wait_until(self._leads_only_to_the_primary, "HAProxy knows the primary", timeout=60)

    def stop(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()

    def start_node(self, name: str) -> None:
        self._run(name, redis_binary(), f"{name}.conf")

    def primary(self) -> str:
        """The node to which HAProxy leads; '' when there is none."""
        try:
            with Redis(port=self.port, socket_timeout=2, decode_responses=True) as redis:
                port = str(redis.info("server")["tcp_port"])
        except RedisError:
            return ""
        return next(name for name, value in self.ports.items() if str(value) == port)

    def _leads_only_to_the_primary(self) -> bool:
        """Whether each of some connections leads there: HAProxy begins with all nodes in turn."""
        return all(self.primary() == "redis-1" for _ in range(2 * len(self.ports)))

    def replicas(self, name: str) -> int:
        try:
            with Redis(port=self.ports[name], socket_timeout=2) as redis:
                info = redis.info("replication")
        except RedisError:
            return 0
        online = [
            info[key]["state"] for key in info if key.startswith("slave") and key[5:].isdigit()
        ]
        return online.count("online")

    def fail_over(self, lag_s: float, *, sever: bool = False) -> float:
        """Kills the primary while its replicas lag; returns the seconds until there is another one.

        `sever`: the replicas get nothing of what is written meanwhile, and no write is refused for
        that. The killed node comes back with its old data, and is made a replica by Sentinel.
        """
        old = self.primary()
        others = [self.processes[name] for name in self.ports if name != old]
        for process in others:
            process.send_signal(signal.SIGSTOP)
        if sever:
            with Redis(port=self.ports[old]) as redis:
                redis.config_set("min-replicas-to-write", 0)
                redis.client_kill_filter(_type="replica")
        time.sleep(lag_s)
        self.processes[old].kill()
        self.processes[old].wait()
        for process in others:
            process.send_signal(signal.SIGCONT)
        began = time.monotonic()
        wait_until(lambda: self.primary() not in ("", old), "another primary", timeout=90)
        seconds = time.monotonic() - began
        self.start_node(old)
        wait_until(lambda: self.replicas(self.primary() or old) == 2, "it follows", timeout=90)
        return seconds

    def _configure(self, name: str) -> None:
        self._write(name, "redis.conf", {"6379": str(self.ports[name])})
        folder = self.directory / name
        folder.mkdir()
        more = f"bind 127.0.0.1\ndir {folder}\n"
        if name != "redis-1":
            more += f"replicaof 127.0.0.1 {self.ports['redis-1']}\n"
        with (self.directory / f"{name}.conf").open("a") as file:
            file.write(more)

    def _write(self, name: str, template: str, changes: dict[str, str]) -> None:
        """Writes a file of deploy/redis with our names and ports."""
        text = (DEPLOY / template).read_text()
        for node, port in self.ports.items():
            for separator in (":", " "):
                text = text.replace(f"{node}{separator}6379", f"127.0.0.1{separator}{port}")
        for before, after in changes.items():
            text = text.replace(before, after)
        (self.directory / f"{name}.conf").write_text(text)

    def _run(self, name: str, *command: str) -> None:
        with (self.directory / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=self.directory, stdout=log, stderr=log, env=dict(os.environ)
            )
