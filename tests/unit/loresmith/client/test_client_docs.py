"""docs/client.md describes every method, error and public name, and its example runs."""

import inspect
import re
from functools import partial
from pathlib import Path

import httpx2
import pytest

import loresmith
from loresmith import Client
from loresmith.client import errors
from tests.unit.loresmith.client.network import job

DOCS = (Path(__file__).parents[4] / "docs/client.md").read_text()


def test_every_method_is_described_with_its_arguments() -> None:
    methods = [name for name in dir(Client) if not name.startswith("_")]
    described = dict(re.findall(r"^\| `(\w+)\(([^)]*)\)` \|", DOCS, re.MULTILINE))

    assert sorted(described) == sorted(methods)
    for name, arguments in described.items():
        named = [word.strip().rstrip("=") for word in arguments.split(",") if word.strip()]
        _, *parameters = inspect.signature(getattr(Client, name)).parameters.values()
        assert named == [_written(parameter) for parameter in parameters], name


def _written(parameter: inspect.Parameter) -> str:
    is_keywords = parameter.kind is parameter.VAR_KEYWORD
    return f"**{parameter.name}" if is_keywords else parameter.name


def test_the_tree_of_errors_is_that_of_the_module() -> None:
    tree = DOCS.partition("## Errors")[2].split("```")[1].strip()

    assert tree in inspect.cleandoc(errors.__doc__ or "").replace("\n    ", "\n")


@pytest.mark.parametrize("name", loresmith.__all__)
def test_every_public_name_is_described(name: str) -> None:
    assert re.search(rf"\b{name}\b", DOCS)


def test_the_example_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    completed = job("completed", 2, progress=100, message="Done", result=[{"name": "Ada"}])
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, json=completed))
    monkeypatch.setattr(loresmith, "Client", partial(Client, transport=transport), raising=False)
    example = re.search(r"```python\n(.*?)```", DOCS, re.DOTALL)

    assert example
    exec(example[1], {})
    assert capsys.readouterr().out == "100 Done\nAda\n"
