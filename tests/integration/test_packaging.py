"""What an installation puts on the import path: `loresmith`, and nothing that could collide."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.integration

FOLDERS = ("api", "archive", "jobs", "lore_service", "offline_model", "protos", "worker")
"""Top-level folders of the repository, importable as `loresmith.<folder>` only."""
PROGRAM = """
import api, jobs, worker
assert (api.OWNER, jobs.OWNER, worker.OWNER) == ("user", "user", "user")
import loresmith.api.app, loresmith.worker.rq_worker, loresmith.lore_service.server
from loresmith import Client
from loresmith.job_types import JobType
assert (api.OWNER, jobs.OWNER, worker.OWNER) == ("user", "user", "user")
print(JobType.__module__, loresmith.__file__)
"""
"""A user's program that has packages of its own named api, jobs and worker."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=ROOT, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's folder with packages named as ours."""
    for name in ("api", "jobs", "worker"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text('OWNER = "user"\n')
    (tmp_path / "program.py").write_text(PROGRAM)
    return tmp_path


def run(project: Path, path: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "program.py"],
        cwd=project,
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


def test_the_wheel_has_one_top_level_package(wheel: Path) -> None:
    names = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {name for name in names if not name.endswith(".dist-info")} == {"loresmith"}


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    """Lua scripts, word lists and static files included."""
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("loresmith/")}
    listed = subprocess.run(
        ["git", "ls-files", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert {f"loresmith/{name}" for name in listed} <= held


def test_an_installed_wheel_leaves_a_users_packages_alone(
    wheel: Path, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Given a program with its own `api`, `jobs` and `worker`
    / when the wheel comes earlier on the path
    / I expect both to be imported, from where each lies.
    """
    site = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(site)

    ran = run(project, str(site))

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["loresmith.jobs.types.base", str(site / "loresmith/__init__.py")]


USER_PROGRAM = """
from loresmith import AsyncClient, Client, Job

def blocking(client: Client) -> Job:
    client.submit("generate_relics", {"theme": "salt"}, key=7)  # error
    return client.wait("id", timeout=3, on_update=lambda job: print(job.progress))

async def awaiting(client: AsyncClient) -> Job:
    job: Job = client.get("id")  # error
    return await client.wait("id")
"""


def test_an_installed_wheel_is_typed(wheel: Path, tmp_path: Path) -> None:
    """Given a user's program / I expect mypy to see the arguments and results of both clients."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    (tmp_path / "program.py").write_text(USER_PROGRAM)

    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "program.py"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip

    assert (tmp_path / "loresmith" / "py.typed").is_file()
    lines = USER_PROGRAM.splitlines()
    numbers = re.findall(r"^program.py:(\d+): error", ran.stdout, re.MULTILINE)
    wrong = [lines[int(number) - 1] for number in numbers]
    assert wrong == [line for line in lines if "# error" in line], ran.stdout


def test_the_editable_install_leaves_a_users_packages_alone(project: Path) -> None:
    ran = run(project)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split()[0] == "loresmith.jobs.types.base"


def test_the_editable_install_offers_no_folder_by_its_bare_name(tmp_path: Path) -> None:
    code = f"import importlib.util as u; print([n for n in {FOLDERS} if u.find_spec(n)])"

    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={}, capture_output=True, text=True
    )

    assert ran.stdout.strip() == "[]", ran.stderr


@pytest.mark.parametrize("name", ["api", "worker", "lore_service", "offline_model"])
def test_a_process_starts_from_a_checkout_by_its_folder(name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", name, "--help"], cwd=ROOT, capture_output=True, text=True
    )

    assert ran.returncode == 0, ran.stderr
    assert f"loresmith.{name}" in ran.stdout or f"python -m {name}" in ran.stdout
