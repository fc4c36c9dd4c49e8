"""The OpenAPI document is valid, whole, and true: answers fit what it says of them."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from httpx2 import Response
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from loresmith.api.http.problems import PROBLEMS
from loresmith.jobs.types.registry import JOB_TYPES
from tests.unit.api.harness import BODY, ApiHarness, api_harness

NOBODYS = "0190c1d2-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The document, made once: no test changes it."""
    with api_harness(tmp_path_factory.mktemp("api")) as api:
        return api.get("/openapi.json").json()


@pytest.mark.thorough
def test_it_is_valid(document: Any) -> None:
    validate(document)


def test_paths_are_templates_of_openapi(document: Any) -> None:
    """Not those of the router, which says more between the braces."""
    assert all(":" not in path for path in document["paths"])
    assert "/budgets/{scope}/{id}" in document["paths"]


def test_every_reference_leads_somewhere(document: Any) -> None:
    names = {ref.removeprefix("#/components/schemas/") for ref in references(document)}

    assert names <= document["components"]["schemas"].keys()


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        matches = part.get("$ref")
        if isinstance(matches, str):
            yield matches
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


@pytest.mark.parametrize("kind", JOB_TYPES.values(), ids=lambda kind: kind.name)
def test_each_type_has_its_payload_and_its_result(document: Any, kind: Any) -> None:
    schemas = document["components"]["schemas"]
    taken = schemas["NewJob"]["discriminator"]["mapping"][kind.name].rpartition("/")[2]
    value = schemas["Job"]["discriminator"]["mapping"][kind.name].rpartition("/")[2]

    payload = schemas[taken]["properties"]["payload"]["$ref"].rpartition("/")[2]
    assert schemas[payload]["properties"].keys() == kind.payload.model_fields.keys()
    assert schemas[payload]["additionalProperties"] is False
    assert "anyOf" in schemas[value]["properties"]["result"]


def test_each_example_is_accepted(api: ApiHarness, document: Any) -> None:
    """Given the examples of the job types and of the documentation / I expect none refused."""
    for kind in api.get("/job-types").json()["job_types"]:
        body = {"type": kind["type"], "payload": kind["example"]}
        assert api.submit(body).status_code == 202
    post = document["paths"]["/jobs"]["post"]["requestBody"]["content"]["application/json"]
    assert api.submit(post["example"]).status_code == 202


def test_every_route_is_described(document: Any) -> None:
    for path, methods in document["paths"].items():
        for method, reply in methods.items():
            assert reply["summary"], (method, path)
            assert reply["description"].endswith("."), (method, path)
            assert reply["responses"], (method, path)
            named = {parameter["name"] for parameter in reply["parameters"]}
            assert ("{id}" not in path) or "id" in named, (method, path)


ASKED: list[tuple[str, str, str, Any, int]] = [
    ("POST", "/jobs", "/jobs", BODY, 202),
    ("POST", "/jobs", "/jobs", {"type": "nope"}, 400),
    ("PUT", "/jobs/{id}", "/jobs/x", BODY, 400),
    ("GET", "/jobs/{id}", "/jobs/%(pending)s", None, 200),
    ("GET", "/jobs/{id}", "/jobs/%(completed)s", None, 200),
    ("GET", "/jobs/{id}", "/jobs/%(failed)s", None, 200),
    ("GET", "/jobs/{id}", f"/jobs/{NOBODYS}", None, 404),
    ("GET", "/jobs/{id}/result", "/jobs/%(completed)s/result", None, 200),
    ("GET", "/jobs/{id}/result", "/jobs/%(failed)s/result", None, 409),
    ("GET", "/jobs/{id}/result", "/jobs/%(pending)s/result", None, 409),
    ("POST", "/jobs/{id}/cancel", "/jobs/%(pending)s/cancel", None, 200),
    ("POST", "/jobs/{id}/cancel", "/jobs/%(completed)s/cancel", {"reason": "x"}, 409),
    ("POST", "/jobs/{id}/retry", "/jobs/%(failed)s/retry", {"expected_attempt": 1}, 202),
    ("POST", "/jobs/{id}/retry", "/jobs/%(completed)s/retry", None, 409),
    ("DELETE", "/jobs/{id}", "/jobs/%(pending)s", None, 409),
    ("DELETE", "/jobs/{id}", "/jobs/%(completed)s", None, 204),
    ("GET", "/job-types", "/job-types", None, 200),
    ("GET", "/worlds/{id}", "/worlds/x", None, 404),
    ("GET", "/worlds/{id}", f"/worlds/{NOBODYS}", None, 404),
    ("GET", "/worlds", "/worlds", None, 200),
    ("GET", "/healthz", "/healthz", None, 200),
    ("GET", "/readyz", "/readyz", None, 200),
    ("GET", "/system", "/system", None, 200),
    ("GET", "/openapi.json", "/openapi.json", None, 200),
    ("GET", "/problems/{code}", "/problems/none", None, 404),
]


@pytest.mark.parametrize(("method", "route", "path", "body", "status"), ASKED)
def test_answers_are_as_described(
    api: ApiHarness, document: Any, method: str, route: str, path: str, body: Any, status: int
) -> None:
    character = {
        "name": "Mara", "role": "smuggler", "species": "human", "age": 31, "description": "d",
        "appearance": "a", "personality": ["dry", "loyal"], "backstory": "b", "motivation": "m",
        "secret": "s",
    }  # fmt: skip
    detail = json.dumps({"code": "timeout", "message": "too long", "retryable": True})
    jobs = {
        "pending": api.create(),
        "completed": api.create_ended(result=json.dumps([character]), progress=100),
        "failed": api.create_ended("failed", error="too long", error_detail=detail),
    }

    answer = api.client.request(method, path % jobs, json=body)

    assert answer.status_code == status
    check(document, route, method, answer)


def check(document: Any, route: str, method: str, answer: Response) -> None:
    """The answer is among those that the document lists for its route, and fits its schema."""
    reply = document["paths"][route][method.lower()]["responses"][str(answer.status_code)]
    for name in reply.get("headers", {}):
        if name != "Retry-After":
            assert name.lower() in answer.headers
    if "content" not in reply:
        assert answer.content == b""
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    schema = reply["content"][media_type]["schema"]
    whole = schema | {"components": document["components"]}
    Draft202012Validator(whole).validate(answer.json())


def test_every_problem_has_a_page(api: ApiHarness) -> None:
    for code, kind in PROBLEMS.items():
        page = api.get(f"/problems/{code}")

        assert page.status_code == 200
        assert code in page.text
        assert kind.title in page.text


class Loads(HTMLParser):
    """Collects what a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe"):
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name == "src" or name.startswith("on")]


def test_the_documentation_is_one_page_without_script(api: ApiHarness, document: Any) -> None:
    """Given /docs / I expect every route with a curl, nothing loaded, and a policy that says so."""
    page = api.get("/docs")

    loads = Loads()
    loads.feed(page.text)
    assert loads.found == []
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page.text
    assert page.text.count("curl") >= sum(len(methods) for methods in document["paths"].values())
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
