"""What was used is added up, and what is not known stays unknown."""

from lore_service.usage import Usage


def test_from_a_provider() -> None:
    told = {
        "prompt_tokens": 10,
        "completion_tokens": 20,
        "prompt_tokens_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 4},
    }

    assert Usage.of_provider(told) == Usage(10, 20, 3, 4, cost_micros=None)


def test_a_server_that_says_little() -> None:
    """Given the smallest usage that servers send, and nulls / I expect zeros."""
    told = {"prompt_tokens": 10, "completion_tokens": None, "prompt_tokens_details": None}

    assert Usage.of_provider(told) == Usage(10, 0)


def test_a_call_and_its_repair() -> None:
    assert Usage(1, 2, cost_micros=5) + Usage(3, 4, cost_micros=6) == Usage(
        4, 6, cost_micros=11, requests=2
    )


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    assert (Usage(cost_micros=5) + Usage(cost_micros=None)).cost_micros is None


def test_through_a_row_and_to_the_wire() -> None:
    """Given usage without a price / I expect it back from a row, and the price absent, not 0."""
    usage = Usage(1, 2, 3, 4)

    assert Usage.of_row({"usage": usage.as_json()}) == usage
    assert not usage.as_message().HasField("cost_micros")
    assert Usage.of_row({}) is None
