"""Runs unmodified programs of other projects' SDKs and frameworks against /v1.

    python -m tests.compat [--direct] [--open] [NAME ...]

Each program of programs/ is written as the documentation of its package says, and gets an address
and an API key of Loresmith in the environment, nothing else. `make compat` installs the packages,
and runs this. Where Linux allows it, there is no network but loopback. `--direct` runs the
programs against the offline model itself, `--open` without API keys.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.integration.api_process import new_key
from tests.stack import ROOT, stack

HERE = Path(__file__).parent
PYTHON = str(ROOT / ".compat" / "bin" / "python")
ANSWER_S, CHUNKS = 0.4, 8
TIMEOUT_S = 180
ISOLATED = "LORESMITH_COMPAT_ISOLATED"


@dataclass(frozen=True)
class Program:
    """A program, the package that it is about, and what runs it."""

    interpreter: str
    file: str
    package: str
    argument: str = ""

    @property
    def name(self) -> str:
        return f"{self.file.partition('.')[0]} {self.argument}".strip()

    def version(self) -> str:
        """Returns the package and its version."""
        if self.interpreter == "node":
            text = (HERE / "node_modules" / self.package / "package.json").read_text()
            return f"{self.package} {json.loads(text)['version']} (npm)"
        code = f"from importlib.metadata import version; print(version({self.package!r}))"
        command = [self.interpreter, "-c", code]
        version = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return f"{self.package} {version.strip()}"

    def results(self, env: dict[str, str]) -> Iterator[tuple[str, str]]:
        """Runs it; yields each feature and its error."""
        command = [self.interpreter, self.file, *self.argument.split()]
        ended = subprocess.run(
            command,
            cwd=HERE / "programs",
            env=env,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        lines = [line for line in ended.stdout.splitlines() if line.startswith('{"feature":')]
        for line in lines:
            result = json.loads(line)
            yield result["feature"], result["error"]
        if not lines or ended.returncode not in (0, 1):
            yield "start", f"exit code {ended.returncode}\n{ended.stderr}"


PROGRAMS = (
    Program(sys.executable, "openai_chat.py", "openai"),
    Program(sys.executable, "openai_responses.py", "openai"),
    Program(PYTHON, "openai_chat.py", "openai"),
    Program(PYTHON, "openai_responses.py", "openai"),
    Program("node", "openai_node.js", "openai"),
    Program(PYTHON, "langchain_chat.py", "langchain-openai"),
    Program(PYTHON, "langchain_chat.py", "langchain-openai", "responses"),
    Program("node", "vercel_ai.js", "@ai-sdk/openai"),
    Program("node", "vercel_ai.js", "@ai-sdk/openai", "chat"),
    Program(PYTHON, "instructor_models.py", "instructor"),
    Program(PYTHON, "litellm_completion.py", "litellm"),
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="programs whose name contains one of these")
    parser.add_argument("--direct", action="store_true")
    parser.add_argument("--open", action="store_true")
    options = parser.parse_args()
    isolate()
    chosen = [
        program
        for program in PROGRAMS
        if not options.names or any(name in program.name for name in options.names)
    ]
    with tempfile.TemporaryDirectory(prefix="compat-") as folder:
        directory = Path(folder)
        with stack(directory, seconds=ANSWER_S, chunks=CHUNKS) as system:
            has_key = not (options.direct or options.open)
            key = new_key(system.redis_server.url, directory) if has_key else "none"
            url = system.offline_url if options.direct else system.url
            env = {
                "PATH": os.environ["PATH"],
                "HOME": folder,
                "OPENAI_BASE_URL": f"{url}/v1",
                "OPENAI_API_KEY": key,
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # LiteLLM asks the network for prices
            }
            failures = sum(run(program, env) for program in chosen)
    print(f"{failures} failures" if failures else "all passed")
    return bool(failures)


def run(program: Program, env: dict[str, str]) -> int:
    """Prints a row and its errors; returns how many there are."""
    results = list(program.results(env))
    errors = {feature: error for feature, error in results if error}
    passed = len(results) - len(errors)
    features = ", ".join(f"{name} FAILED" if error else name for name, error in results)
    print(f"{program.version():<32} {program.name:<24} {passed}/{len(results)}  {features}")
    for feature, error in errors.items():
        print(f"--- {feature}\n{error}", flush=True)
    return len(errors)


def isolate() -> None:
    """Starts this again in a network namespace of its own, where that is allowed."""
    inside = ["unshare", "--map-root-user", "--net"]
    loopback = 'ip link set lo up && exec "$@"'
    if ISOLATED in os.environ or not (shutil.which("unshare") and shutil.which("ip")):
        return
    if subprocess.run([*inside, "true"], capture_output=True).returncode:
        print("No network namespace: programs could reach the network.", file=sys.stderr)
        return
    os.environ[ISOLATED] = "1"
    arguments = [sys.executable, "-m", "tests.compat", *sys.argv[1:]]
    os.execvp(inside[0], [*inside, "sh", "-c", loopback, "sh", *arguments])


if __name__ == "__main__":
    raise SystemExit(main())
