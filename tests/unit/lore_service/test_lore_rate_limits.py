"""The rate limits in the headers of providers."""

from datetime import UTC, datetime, timedelta

import pytest

from loresmith.lore_service.providers.rate_limits import RateLimit, limit_kind, rate_limits


def openai(limit: str, left: str, reset: str) -> dict[str, str]:
    names = ("limit", "remaining", "reset")
    values = zip(names, (limit, left, reset), strict=True)
    return {f"x-ratelimit-{name}-requests": value for name, value in values}


@pytest.mark.parametrize(
    ("reset", "reset_ms"),
    [("1s", 1_000), ("6m0s", 360_000), ("20ms", 20), ("1m30.5s", 90_500), ("8", 8_000), ("?", 0)],
)
def test_the_headers_of_openai(reset: str, reset_ms: int) -> None:
    assert rate_limits(openai("60", "59", reset)) == [RateLimit("requests", 60, 59, reset_ms)]


def test_the_headers_of_anthropic() -> None:
    at = datetime.now(UTC) + timedelta(seconds=30)
    prefix = "anthropic-ratelimit-tokens-"
    headers = {
        f"{prefix}limit": "40000",
        f"{prefix}remaining": "0",
        f"{prefix}reset": f"{at:%FT%TZ}",
    }

    (limit,) = rate_limits(headers)

    assert (limit.kind, limit.limit, limit.left) == ("tokens", 40_000, 0)
    assert 0 < limit.reset_ms <= 30_000


@pytest.mark.parametrize(
    ("limit", "left"), [("", "1"), ("60", ""), ("many", "1"), ("-1", "1"), ("0", "0"), ("nan", "1")]
)
def test_what_cannot_be_read_is_no_limit(limit: str, left: str) -> None:
    assert rate_limits(openai(limit, left, "1s")) == []


def test_a_refusal_says_which_limit_it_met() -> None:
    assert limit_kind("Rate limit reached on tokens per min (TPM): Limit 40000") == "tokens"
    assert limit_kind("Rate limit reached") == "requests"
