"""Usage is added up; what is unknown stays unknown."""

from loresmith.lore_service.providers.usage import ProviderUsage


def test_usage_of_a_provider() -> None:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 4},
    }

    assert ProviderUsage.of_provider(usage) == ProviderUsage(10, 20, 3, 4, cost_micros=None)


def test_missing_counts_are_zero() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": None, "prompt_tokens_details": None}

    assert ProviderUsage.of_provider(usage) == ProviderUsage(10, 0)
    assert ProviderUsage.of_provider({"completion_tokens": 10}) is None


def test_the_sum_of_a_call_and_its_repair() -> None:
    total = ProviderUsage(1, 2, cost_micros=5) + ProviderUsage(3, 4, cost_micros=6)

    assert total == ProviderUsage(4, 6, cost_micros=11, requests=2)


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    assert (ProviderUsage(cost_micros=5) + ProviderUsage(cost_micros=None)).cost_micros is None


def test_usage_survives_in_a_row() -> None:
    """Given usage without a price / I expect it back from a row, and no price in the message."""
    usage = ProviderUsage(1, 2, 3, 4)

    assert ProviderUsage.of_row({"usage": usage.as_json()}) == usage
    assert not usage.as_message().HasField("cost_micros")
    assert ProviderUsage.of_row({}) is None
