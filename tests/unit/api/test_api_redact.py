"""`options.redact`: what it may say, and what it changes before a job runs."""

from typing import Any

import pytest

from loresmith.jobs.core.placeholders import Placeholders
from loresmith.jobs.costs.request_fingerprint import fingerprint
from loresmith.jobs.store import keys
from loresmith.jobs.types.registry import JOB_TYPES
from tests.unit.api.harness import BODY, ApiHarness


def body(*kinds: Any, theme: str = "ann@example.com") -> dict[str, Any]:
    payload = {"theme": theme, "count": 1}
    return {"type": "generate_characters", "payload": payload, "options": {"redact": [*kinds]}}


def test_the_kinds_are_a_set(api: ApiHarness) -> None:
    """Given the kinds in any order, some twice / I expect the same request, with each once."""
    first = api.submit(body("phone", "email"), Idempotency_Key="a-long-enough-key").json()
    again = api.submit(body("email", "phone", "email"), Idempotency_Key="a-long-enough-key").json()

    assert (again["id"], again["reused"]) == (first["id"], True)
    assert api.scripts.record(first["id"])["options"] == '{"redact":["email","phone"]}'


@pytest.mark.parametrize("redact", [["email", "name"], "email", [1], [None]])
def test_an_unknown_kind_names_the_field(api: ApiHarness, redact: Any) -> None:
    answer = api.submit(BODY | {"options": {"redact": redact}})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith("/options/redact")


def test_the_cache_is_looked_up_without_the_values(api: ApiHarness) -> None:
    """Given the cached response of a job with another address / I expect it for this one too."""
    job_type = JOB_TYPES["generate_characters"]
    spec, payload = job_type.specs[0], job_type.payload(theme="bo@example.org", count=1)
    messages = Placeholders(["email"]).withhold(spec.prompt(payload).messages())
    limit = spec.max_output_tokens(payload)
    model = api.client.post("/jobs/estimate", json=body("email")).json()["estimate"]["model"]
    request = fingerprint(model, messages, spec.schema(payload), limit, {})
    api.scripts.redis.hset(keys.response("local", None, request), "text", "{}")

    cached = [
        api.client.post("/jobs/estimate", json=body(*kinds)).json()["cached"]
        for kinds in (["email"], ["card"], [])
    ]

    assert cached == [True, False, False]


def test_an_estimate_counts_what_is_sent(api: ApiHarness) -> None:
    """Given a text of many short addresses / I expect more tokens for their placeholders."""
    theme = " ".join(f"{letter}@b.co" for letter in "abcdefghijklmnopqrstuvwxyz" * 2)

    tokens = [
        api.client.post("/jobs/estimate", json=body(*kinds, theme=theme)).json()["estimate"]
        for kinds in (["email"], [])
    ]

    assert tokens[0]["tokens"]["input"] > tokens[1]["tokens"]["input"]
