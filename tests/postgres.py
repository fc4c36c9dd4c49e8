"""A private PostgreSQL server for tests: own free port, own directory, stopped by its pid."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.conftest import in_ci
from tests.servers import free_port
from tests.waiting import wait_until

OWNER = "lore"
PASSWORD = "p@ss/wörd%"
PASSWORD_IN_URL = "p%40ss%2Fw%C3%B6rd%25"
PROGRAMS = ("initdb", "postgres")


def postgres_programs() -> Path | None:
    """The folder of the newest PostgreSQL installed, or None. Distributions keep it off PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = [Path(matches).parent for name in PROGRAMS if (matches := shutil.which(name))]
    for folder in [*installed, *on_path]:
        if all((folder / name).exists() for name in PROGRAMS):
            return folder
    return None


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def need_postgres() -> Path:
    """Its programs; without them the test is skipped, but in CI it fails."""
    if matches := postgres_programs():
        return matches
    reason = "PostgreSQL is not installed: no initdb in /usr/lib/postgresql/*/bin or on PATH"
    if in_ci():
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class PostgresServer:
    """A cluster that can be killed and started again on the same port and files."""

    programs: Path
    directory: Path
    port: int
    user: str | None
    """Whom to run it as; None for whoever runs the tests."""
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """With a password that must be escaped, so that escaping is tested all along."""
        return f"postgresql://{OWNER}:{PASSWORD_IN_URL}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def initialise(self) -> None:
        """Makes the cluster; unsynced, for a cluster half made is thrown away."""
        secret = self.directory / "password"
        secret.write_text(PASSWORD)
        done = subprocess.run(
            [
                f"{self.programs}/initdb", "--pgdata", f"{self.directory}/data", "--no-sync",
                "--username", OWNER, "--pwfile", str(secret), "--auth", "scram-sha-256",
                "--encoding", "UTF8", "--locale", "C",
            ],
            capture_output=True, text=True, user=self.user,
        )  # fmt: skip
        assert done.returncode == 0, f"initdb failed: {done.stdout}{done.stderr}"

    def start(self) -> None:
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    f"{self.programs}/postgres", "-D", f"{self.directory}/data",
                    "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
                    "-c", "unix_socket_directories=", "-c", "fsync=on", "-c", "shared_buffers=16MB",
                ],
                stdout=log, stderr=log, user=self.user,
            )  # fmt: skip
        wait_until(self._answers, "PostgreSQL answers", timeout=30, every=0.05)

    def _answers(self) -> bool:
        log = (self.directory / "log").read_text()
        assert self.process, "start() comes first"
        assert self.process.poll() is None, f"PostgreSQL ended: {log}"
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """Ends it at once, without a checkpoint; the next start has to recover."""
        if self.process:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)
            self.process = None


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A running server for the length of a with block. Skips or fails without PostgreSQL."""
    programs = need_postgres()
    # Not in pytest's own folder: that is closed to the user whom PostgreSQL runs as under root.
    directory = Path(tempfile.mkdtemp(prefix="lore-postgres-"))
    if user := _other_than_root():
        shutil.chown(directory, user)
    server = PostgresServer(programs, directory, free_port(), user)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(directory, ignore_errors=True)


def _other_than_root() -> str | None:
    """PostgreSQL refuses to run as root: then whom to run it as; None when all is well."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)
