"""Usage of a response: the largest counts, unless the text contradicts it."""

from typing import Any

import httpx2
import pytest

from loresmith.lore_service.providers.reading.retry_after import MAX_PAUSE_MS, retry_after_ms
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.providers.usage import ProviderUsage


def response_with(*usages: Any, text: str = "Once") -> ProviderResponse:
    response = ProviderResponse("j/s/0", "gpt-x", [text])
    for usage in usages:
        response.add_usage(usage)
    response.check_usage()
    return response


def test_the_largest_usage_counts() -> None:
    """Given a server that sends its usage with every chunk, at last zeros / I expect no sum."""
    usages = [{"prompt_tokens": 3, "completion_tokens": count} for count in (1, 2, 0)]

    assert response_with(*usages).usage == ProviderUsage(3, 2)


def test_no_output_for_a_text_is_not_known() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 0}

    assert response_with(usage).usage is None
    assert response_with(usage, text="").usage == ProviderUsage(3, 0)


def test_the_offline_model_is_recognised_by_its_fingerprint() -> None:
    offline, other = ProviderResponse("j/s/0", "m"), ProviderResponse("j/s/0", "m")

    offline.set_model({"system_fingerprint": "offline model, not an LLM"})
    other.set_model({"system_fingerprint": {"fp": 1}, "model": "m-2026"})

    assert (offline.is_offline, other.is_offline) == (True, False)
    assert (offline.model, other.model) == ("m", "m-2026")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 0),
        ({"retry-after": "2"}, 2000),
        ({"retry-after": "0.5"}, 500),
        ({"retry-after-ms": "750", "retry-after": "9"}, 750),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}, 0),
        ({"retry-after": "Mon, 01 Jan 99999 00:00:00 GMT"}, 0),
        ({"retry-after-ms": "-5"}, 0),
        ({"retry-after-ms": "inf"}, MAX_PAUSE_MS),
        ({"retry-after": "9" * 400}, MAX_PAUSE_MS),
        ({"retry-after": "1000000000"}, 0),
    ],
)
def test_retry_after(headers: dict[str, str], expected: int) -> None:
    assert retry_after_ms(httpx2.Headers(headers)) == expected
