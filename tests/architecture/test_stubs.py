"""The generated code of protos/ is what `make proto` generates."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.tree import ROOT

PROTO = Path("loresmith/protos/lore/v1/lore.proto")


def generated(into: Path) -> dict[str, str]:
    """Runs the generators as the Makefile does; returns texts by file name."""
    command = [
        sys.executable, "-m", "grpc_tools.protoc", "-I", ".", f"--python_out={into}",
        f"--grpc_python_out={into}", f"--mypy_out=quiet:{into}", f"--mypy_grpc_out=quiet:{into}",
        str(PROTO),
    ]  # fmt: skip
    plugins = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    run = subprocess.run(
        command, cwd=ROOT, env=os.environ | plugins, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return texts(into / PROTO.parent)


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*_pb2*.py*")}


def test_the_generated_code_is_fresh(tmp_path: Path) -> None:
    """Given the proto / when code is generated / I expect the committed files, byte for byte."""
    fresh, committed = generated(tmp_path), texts(ROOT / PROTO.parent)

    assert set(fresh) == set(committed)
    stale = [name for name in fresh if fresh[name] != committed[name]]
    assert stale == [], "run `make proto`"
