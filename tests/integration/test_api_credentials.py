"""API keys over several api processes, and the start of a public one."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.api.auth.key_format import id_of
from tests.integration.api_process import ROOT, Api, api, environment, new_key
from tests.servers import RedisServer, redis_server
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

BODY = {"type": "generate_characters", "payload": {"theme": "fantasy"}}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server of one test: no other one has made keys in it."""
    with redis_server(tmp_path) as running:
        yield running


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def status(running: Api, key: str, path: str = "/jobs") -> int:
    return running.ask("GET", path, **bearer(key)).status


def test_a_revocation_reaches_every_process(server: RedisServer, tmp_path: Path) -> None:
    """Given a key that two apis know / when one of them revokes it / I expect the other to refuse
    it too. `bench.revocation` measures how soon.
    """
    with api(server.url, tmp_path) as one, api(server.url, tmp_path) as other:
        admin, key = new_key(server.url, tmp_path), new_key(server.url, tmp_path, role="member")
        wait_until(lambda: one.ask("GET", "/jobs").status == 401, "the first key is noticed")
        for _ in range(20):
            assert status(one, key) == status(other, key) == 200
        path = f"/keys/{id_of(key)}/revoke"

        assert one.ask("POST", path, **bearer(admin)).status == 200
        wait_until(lambda: status(other, key) == 401, "the other process refuses it")

        assert status(one, key) == 401


def test_a_rotation_reaches_every_process(server: RedisServer, tmp_path: Path) -> None:
    with api(server.url, tmp_path) as one, api(server.url, tmp_path) as other:
        admin, key = new_key(server.url, tmp_path), new_key(server.url, tmp_path, role="member")
        assert status(other, key) == 200

        path = f"/keys/{id_of(key)}/rotate"
        reply = one.ask("POST", path, {"overlap": 0}, **bearer(admin)).json

        wait_until(lambda: status(other, reply["key"]) == 200, "the new secret is known")
        assert status(other, key) == 401


def test_nobody_is_let_in_while_redis_is_away(server: RedisServer, tmp_path: Path) -> None:
    """Given a route that needs no Redis, and a key that the cache does not know
    / I expect 503, never 200.
    """
    with api(server.url, tmp_path) as running:
        key, unseen = new_key(server.url, tmp_path), new_key(server.url, tmp_path)
        assert status(running, key, "/job-types") == 200
        server.kill()

        assert status(running, unseen, "/job-types") == 503
        wait_until(lambda: status(running, key, "/job-types") == 503, "the cache is empty")
        assert running.ask("GET", "/job-types").status in (401, 503)
        server.start()
        wait_until(lambda: status(running, key, "/job-types") == 200, "Redis is back")


def test_a_public_server_without_a_key_refuses_to_start(
    server: RedisServer, tmp_path: Path
) -> None:
    """I expect the remedy, and a start once it is applied."""
    command = [sys.executable, "-m", "loresmith.api", "--port", "0", "--public"]
    env = environment(server.url, tmp_path)

    ended = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False
    )

    assert ended.returncode == 1
    assert "loresmith keys create admin --role admin --direct" in ended.stderr
    remedy = [sys.executable, "-m", "loresmith", "keys", "create", "admin", "--role", "admin"]
    created = subprocess.run(
        [*remedy, "--direct"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    with api(server.url, tmp_path, "--public") as running:
        assert status(running, created.stdout.strip(), "/keys") == 200
        assert running.ask("GET", "/jobs").status == 401
        assert running.ask("GET", "/readyz").status == 200


def test_the_command_line_manages_keys(server: RedisServer, tmp_path: Path) -> None:
    with api(server.url, tmp_path) as running:
        url = f"http://127.0.0.1:{running.port}"
        admin = new_key(server.url, tmp_path)

        def loresmith(*arguments: str, key: str = admin) -> "subprocess.CompletedProcess[str]":
            return subprocess.run(
                [sys.executable, "-m", "loresmith", *arguments, "--url", url],
                cwd=ROOT,
                env=environment(server.url, tmp_path) | {"LORESMITH_API_KEY": key},
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )

        viewer = loresmith("keys", "create", "dashboard", "--role", "viewer").stdout.strip()
        assert loresmith("jobs", key=viewer).returncode == 0
        refused = loresmith("submit", "generate_relics", "theme=salt", key=viewer)
        assert "needs the role member" in refused.stderr
        assert "dashboard" in loresmith("keys", "list").stdout
        rotated = loresmith("keys", "rotate", id_of(viewer) or "").stdout.strip()
        assert loresmith("keys", "revoke", id_of(viewer) or "").returncode == 0
        for secret in (viewer, rotated, ""):
            refused = loresmith("jobs", key=secret)
            assert refused.returncode == 2
            assert "LORESMITH_API_KEY" in refused.stderr
            assert secret == "" or secret not in refused.stderr


def test_the_streams_of_a_revoked_key_end(server: RedisServer, tmp_path: Path) -> None:
    """Given two keys that follow all jobs in another process / when one is revoked
    / I expect its stream to end, and the other one to go on.
    """
    with api(server.url, tmp_path) as one, api(server.url, tmp_path) as other:
        admin, key = new_key(server.url, tmp_path), new_key(server.url, tmp_path)
        with other.connection() as revoked, other.connection(0.2) as open_stream:
            for raw, credential in ((revoked, key), (open_stream, admin)):
                head = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                raw.sendall(head + f"Authorization: Bearer {credential}\r\n\r\n".encode())
                assert b" 200 " in raw.recv(65_536)

            one.ask("POST", f"/keys/{id_of(key)}/revoke", **bearer(admin))

            wait_until(lambda: revoked.recv(65_536) == b"", "its stream ends")
            with pytest.raises(TimeoutError):
                list(iter(lambda: open_stream.recv(65_536), b""))


def test_the_wait_of_a_revoked_key_ends_without_the_job(
    server: RedisServer, tmp_path: Path
) -> None:
    """Given two keys that wait for a job in another process / when one is revoked / I expect its
    wait to end with 401, and the other one to go on.
    """
    with api(server.url, tmp_path) as one, api(server.url, tmp_path) as other:
        admin, key = new_key(server.url, tmp_path), new_key(server.url, tmp_path)
        job = one.ask("POST", "/jobs", BODY, **bearer(admin)).json
        with other.connection() as revoked, other.connection(0.2) as waiting:
            for raw, credential in ((revoked, key), (waiting, admin)):
                head = f"GET /jobs/{job['id']}?wait=60 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                raw.sendall(f"{head}Authorization: Bearer {credential}\r\n\r\n".encode())
            assert other.ask("GET", "/jobs", **bearer(key)).status == 200

            one.ask("POST", f"/keys/{id_of(key)}/revoke", **bearer(admin))

            assert revoked.recv(65_536).split()[1] == b"401"
            with pytest.raises(TimeoutError):
                waiting.recv(1)


def test_the_streams_of_a_session_end_with_it(server: RedisServer, tmp_path: Path) -> None:
    """Given two sessions of a key that follow all jobs in another process / when one logs out
    / I expect its stream to end, and the other one with the key.
    """
    with api(server.url, tmp_path) as one, api(server.url, tmp_path) as other:
        admin, key = new_key(server.url, tmp_path), new_key(server.url, tmp_path)
        sessions = [one.ask("POST", "/session", {"key": key}) for _ in range(2)]
        cookies = [session.headers["set-cookie"].partition(";")[0] for session in sessions]
        with other.connection() as closed, other.connection(0.2) as open_stream:
            for raw, cookie in zip((closed, open_stream), cookies, strict=True):
                head = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                raw.sendall(head + f"Cookie: {cookie}\r\n\r\n".encode())
                assert b" 200 " in raw.recv(65_536)

            own = {"Cookie": cookies[0], "Sec-Fetch-Site": "same-origin"}
            assert one.ask("DELETE", "/session", **own).status == 204

            wait_until(lambda: closed.recv(65_536) == b"", "its stream ends")
            assert other.ask("GET", "/jobs", Cookie=cookies[0]).status == 401
            with pytest.raises(TimeoutError):
                list(iter(lambda: open_stream.recv(65_536), b""))
            one.ask("POST", f"/keys/{id_of(key)}/revoke", **bearer(admin))
            open_stream.settimeout(20)
            wait_until(lambda: open_stream.recv(65_536) == b"", "the other one ends too")


def test_the_commands_of_the_page(server: RedisServer, tmp_path: Path) -> None:
    """Given the commands of docs/authentication.md in turn / I expect each to succeed."""
    page = (ROOT / "docs" / "authentication.md").read_text(encoding="utf-8")
    with api(server.url, tmp_path) as running:
        env = environment(server.url, tmp_path)
        env["LORESMITH_URL"] = f"http://127.0.0.1:{running.port}"
        key = ""
        for line in re.findall(r"^\$ (.*)$", page, re.MULTILINE):
            if line.startswith("export LORESMITH_API_KEY="):
                env["LORESMITH_API_KEY"] = key
                continue
            command = [sys.executable, "-m", *line.split()]
            ran = subprocess.run(
                command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=True
            )
            key = ran.stdout.strip()


def test_a_key_made_beside_the_api_is_in_the_audit_log(server: RedisServer, tmp_path: Path) -> None:
    """Given a key that the command line made in Redis / I expect the table to say so, as of any
    other.
    """
    key = new_key(server.url, tmp_path)
    with api(server.url, tmp_path) as running:

        def made() -> list[tuple[str, str, str]]:
            records = running.ask("GET", "/audit", **bearer(key)).json["records"]
            return [(each["actor"], each["action"], each["object"]) for each in records]

        wait_until(lambda: made() != [], "the entry is archived")

        assert made() == [("command-line", "key.create", f"key {id_of(key)}")]
