"""A Redis that is reached by TLS only, as the user of deploy/redis/users.acl."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from redis import Redis
from redis.exceptions import ConnectionError, ResponseError

from tests.certificates import CertificateAuthority
from tests.e2e.up_process import UpProcess
from tests.servers import RedisServer, free_port
from tests.stack import ROOT, request
from tests.tls_proxy import tls_proxy

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

PASSWORD = "canary-password"
REFUSED = [
    "FLUSHALL",
    "FLUSHDB",
    "KEYS *",
    "SCAN 0",
    "CONFIG SET maxmemory 1",
    "SHUTDOWN",
    "MONITOR",
    "ACL LIST",
    "CLIENT LIST",
    "SCRIPT FLUSH",
    "FUNCTION LIST",
    "SWAPDB 0 1",
    "REPLICAOF NO ONE",
    "GET other:secret",
    "SET other:secret 1",
    "DEL other:secret",
    "SUBSCRIBE other",
    """EVAL "return redis.call('GET', 'other:secret')" 0""",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server with the user of deploy/, beside the default one with which the test looks on."""
    folder = tmp_path_factory.mktemp("redis")
    users = (ROOT / "deploy" / "redis" / "users.acl").read_text().splitlines()
    [line] = [each for each in users if each.startswith("user loresmith")]
    (folder / "users.acl").write_text(line.replace("CHANGE-ME", PASSWORD) + "\n")
    server = RedisServer(free_port(), folder)
    server.start("--aclfile", str(folder / "users.acl"))
    yield server
    server.stop()


def test_the_whole_life_of_jobs_by_tls_as_a_user_with_few_rights(
    server: RedisServer, tmp_path: Path
) -> None:
    """Given only what docs/security.md allows / I expect every part of the product to work."""
    with Redis(port=server.port) as redis:
        redis.acl_log_reset()
    ca = CertificateAuthority(tmp_path / "certificates")
    with tls_proxy(server.port, ca.issue("redis")) as port:
        url = f"rediss://loresmith:{PASSWORD}@localhost:{port}/0?ssl_ca_certs={ca.certificate}"
        (tmp_path / "url").write_text(url)
        env = {"REDIS_URL_FILE": str(tmp_path / "url"), "LORESMITH_PREFIX": "lore:"}
        up = UpProcess(tmp_path / "data", 0.5, env=env)
        try:
            up.start()
            up.ready()
            use_everything(up)
            rq = [str(Path(sys.executable).parent / "rq"), "info", "--raw"]
            shown = subprocess.run(
                rq, env=os.environ | {"RQ_REDIS_URL": url}, capture_output=True, text=True
            ).stdout
            assert "worker" in shown
            assert "lore:lore" in shown
            assert up.stop() == 0
            logs = "".join(log.read_text() for log in (up.folder / "logs").iterdir())
        finally:
            up.clean_up()
    assert "NOPERM" not in logs
    assert "canary" not in logs + up.output
    with Redis(port=server.port, decode_responses=True) as redis:
        assert redis.acl_log() == []


def use_everything(up: UpProcess) -> None:
    completed, cancelled = up.submit(), up.submit()
    request("POST", f"{up.url}/jobs/{cancelled}/cancel", {})
    up.until_job(completed, "completed")
    with urlopen(f"{up.url}/jobs/{completed}/events", timeout=10) as events:
        assert b"completed successfully" in events.read()
    up.until_job(cancelled, "cancelled")
    body = {"accept_duplicate_charge": True}
    assert request("POST", f"{up.url}/jobs/{cancelled}/retry", body)[0] == 202
    up.until_job(cancelled, "completed")
    budget = {"limit": 5, "window": "day"}
    assert request("PUT", f"{up.url}/budgets/user/local", budget)[0] == 200
    for path in ("jobs", "jobs/stats", "usage", "budgets", "audit"):
        assert request("GET", f"{up.url}/{path}")[0] == 200, path
    assert request("GET", f"{up.url}/system")[1]["status"] == "ok"
    assert request("DELETE", f"{up.url}/jobs/{cancelled}")[0] in (200, 204)
    assert request("POST", f"{up.url}/jobs/cleanup", {"older_than": "1s"})[0] == 200


@pytest.mark.parametrize("command", REFUSED)
def test_the_user_may_do_nothing_else(server: RedisServer, command: str) -> None:
    with (
        Redis(port=server.port, username="loresmith", password=PASSWORD) as redis,
        pytest.raises(ResponseError, match=r"permission|ACL|NOPERM"),
    ):
        redis.execute_command(*shlex.split(command))


def test_a_false_server_is_refused(server: RedisServer, tmp_path: Path) -> None:
    ca = CertificateAuthority(tmp_path)
    other = CertificateAuthority(tmp_path, "other")
    with tls_proxy(server.port, ca.issue("redis")) as port:
        url = f"rediss://localhost:{port}/0?ssl_ca_certs={other.certificate}"
        with Redis.from_url(url) as redis, pytest.raises(ConnectionError, match="CERTIFICATE"):
            redis.ping()
