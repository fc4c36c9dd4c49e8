"""The title of a job in lists: the start of a prompt."""

import json
from typing import Any

import pytest

from loresmith.api.schemas.representation import MAX_TITLE_LENGTH, represent_job

RECORD = {
    "id": "j1", "type": "prompt", "status": "pending", "progress": "0", "message": "",
    "created_ms": "1", "version": "1", "attempt": "1", "progress_source": "simulated",
}  # fmt: skip

IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/map.png"}}


def title(payload: Any, type: str = "prompt") -> Any:
    return represent_job({**RECORD, "type": type, "payload": json.dumps(payload)})["title"]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"prompt": "  Write\n a haiku. "}, "Write a haiku."),
        ({"messages": [{"role": "user", "content": "Hello"}]}, "Hello"),
        (
            {
                "messages": [
                    {"role": "user", "content": "First"},
                    {"role": "assistant", "content": "Yes?"},
                    {"role": "user", "content": [{"type": "text", "text": "Second"}, IMAGE]},
                    {"role": "assistant", "tool_calls": []},
                ]
            },
            "Second",
        ),
        ({"messages": [{"role": "system", "content": "Be brief."}]}, None),
        ({}, None),
    ],
)
def test_the_title_is_what_the_user_asks(payload: Any, expected: str | None) -> None:
    assert title(payload) == expected


def test_a_long_prompt_is_cut() -> None:
    """Given a prompt of 100 kB / I expect its start with an ellipsis."""
    shown = title({"prompt": "salt " * 20_000})

    assert shown.startswith("salt salt")
    assert len(shown) == MAX_TITLE_LENGTH
    assert shown.endswith("…")


def test_a_long_conversation_is_cut_anywhere() -> None:
    """Given messages that end behind the part that is read, at each place / I expect a title of
    what was read, and no error.
    """
    for length in range(3_900, 4_200):
        messages = [{"role": "user", "content": "x" * length}, {"role": "user", "content": "End"}]
        assert title({"messages": messages})


def test_other_types_and_removed_payloads_have_no_title() -> None:
    assert title({"theme": "salt"}, "generate_relics") is None
    assert represent_job(RECORD)["title"] is None
