"""Errors in the payload of a prompt name the field as the client sent it."""

import json
from typing import Any

import pytest

from loresmith.api.http.problems import Problem
from loresmith.api.services.submissions import parse_submission


def asking(*parts: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(parts)}]}


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        ({"messages": [{"role": "user", "content": 3}]}, "messages/0/content"),
        (asking({"type": "text"}), "messages/0/content/0/text"),
        (asking({"type": "text", "text": 1}), "messages/0/content/0/text"),
        (asking({"type": "sound"}), "messages/0/content/0"),
        (
            asking({"type": "image_url", "image_url": {"url": "ftp://x"}}),
            "messages/0/content/0/image_url/url",
        ),
        ({"prompt": "a", "variables": {"a b": "c"}}, "variables/a b"),
        ({"prompt": "a", "output_schema": [1]}, "output_schema"),
    ],
)
def test_the_pointer_leads_into_the_body(payload: dict[str, Any], place: str) -> None:
    """Given an error in one form of a field that has several / I expect the field alone."""
    with pytest.raises(Problem) as caught:
        parse_submission(json.dumps({"type": "prompt", "payload": payload}).encode(), 60)

    assert [error["pointer"] for error in caught.value.errors] == [f"/payload/{place}"]


def test_an_error_in_a_schema_has_its_place() -> None:
    schema = {"type": "object", "properties": {"towns": {"type": "strin"}}}
    body = {"type": "prompt", "payload": {"prompt": "a", "output_schema": schema}}

    with pytest.raises(Problem) as caught:
        parse_submission(json.dumps(body).encode(), 60)

    assert "properties.towns.type: " in caught.value.detail
