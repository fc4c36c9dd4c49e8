"""What becomes of a model's reasoning."""

from typing import Any
from unittest.mock import AsyncMock

import pytest

from loresmith.lore_service.providers.reading.completion import CompletionReader
from loresmith.lore_service.providers.response import ProviderResponse
from tests.unit.lore_service.test_lore_chat import SCHEMA, request


@pytest.mark.parametrize(("schema", "text"), [(None, ""), (SCHEMA, '{"n": 1}')])
def test_reasoning_is_no_answer_where_no_json_is_asked_for(schema: Any, text: str) -> None:
    """Given a model that spends its limit on reasoning / I expect its thoughts as the answer only
    where they may be the JSON that was asked for.
    """
    sent = request(output_schema=schema).provider_request()
    received = ProviderResponse.to(sent, AsyncMock())
    reader = CompletionReader(received, lambda _: None)
    reader.read({"choices": [{"index": 0, "delta": {"reasoning_content": '{"n": 1}'}}]})
    reader.read({"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]})
    reader.finish()

    assert (received.text, received.finish_reason) == (text, "length")
