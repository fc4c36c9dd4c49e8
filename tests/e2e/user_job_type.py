"""Job types of a user: those of docs/adding-a-job-type.md, and one whose steps can be counted."""

import re
import subprocess
import sys
from pathlib import Path

from tests.stack import ROOT

PAGE = (ROOT / "docs" / "adding-a-job-type.md").read_text(encoding="utf-8")
TWO_STEPS = '''"""two_steps: two steps of plain code that note that they ran, and a model call."""

import time
from pathlib import Path

from loresmith.job_types import CHAT, ChatRequest, JobType, Payload, Step


class TwoStepsPayload(Payload):
    """Where the steps note that they ran."""

    folder: str


def first(folder):
    with (folder / "first").open("a") as file:
        file.write("ran\\n")
    return {"pair": ("a", 1)}


def second(context, folder):
    with (folder / "second").open("a") as file:
        file.write("ran\\n")
    context.progress(50, "half of it")
    context.log.info("second step", folder=folder.name)
    while not (folder / "go").exists():
        context.raise_if_cancelled()
        time.sleep(0.02)
    return "done"


def run(payload, context):
    folder = Path(payload.folder)
    pair = context.step("first", first, folder)["pair"]
    context.step("second", second, context, folder)
    messages = ({"role": "user", "content": f"Write about {pair}."},)
    answer = context.call("write", CHAT, ChatRequest(messages=messages, max_output_tokens=100))
    context.save("Two steps", {"pair": pair})
    return {"pair": pair, "text": answer.text}


JOB_TYPE = JobType(
    name="two_steps",
    title="Two steps",
    description="Runs two steps and a model call.",
    payload=TwoStepsPayload,
    result=dict,
    steps=(
        Step("first", "First...", 1, sample={"pair": ["a", 1]}),
        Step("second", "Second...", 1, sample="done"),
        Step("write", "Writing...", 1),
    ),
    finalizing="Finalizing...",
    specs=(CHAT,),
    run=run,
    timeout_s=120,
)
'''
"""'second' waits for the file `go`."""


def blocks(language: str) -> list[str]:
    """Returns the code blocks of the page."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def block(name: str) -> str:
    """Returns the module of the page that begins with the name of its job type."""
    return next(text for text in blocks("python") if text.startswith(f'"""{name}: '))


def installed(folder: Path) -> Path:
    """Installs the package of the page by pip, and returns the folder to import from."""
    package, site = folder / "package", folder / "site"
    package.mkdir()
    (package / "pyproject.toml").write_text(blocks("toml")[0])
    (package / "acme_job_types.py").write_text(block("count_words"))
    subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
            "--no-build-isolation", "--disable-pip-version-check", "--target", str(site),
            str(package),
        ],
        check=True,
        timeout=100,
    )  # fmt: skip
    return site
