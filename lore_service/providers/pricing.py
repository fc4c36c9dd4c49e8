"""The maximum cost of a request, and the cost of a response."""

import asyncio
from dataclasses import replace

from loresmith.jobs.costs import tokens
from loresmith.jobs.costs.prices import BilledTokens, Prices
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response import ProviderResponse


class Pricing:
    """Applies the prices. Costs are in micro-dollars; None when the price is unknown."""

    def __init__(self, prices: Prices, *, books_likely: bool = False) -> None:
        self._prices = prices
        self.books_likely = books_likely
        """Whether budgets hold the likely cost of a cancelled call, instead of its upper bound."""

    async def max_cost(self, request: ProviderRequest) -> int | None:
        """Prices a request: its input, and a response of the maximum length."""
        if self._prices.is_free(request.full_model):
            return 0
        return await asyncio.to_thread(self._max_cost, request)

    def add_cost(self, response: ProviderResponse, request: ProviderRequest) -> None:
        """Adds the cost to the usage of a response; the requested name of the model comes first."""
        if response.usage is None:
            return
        usage = response.usage
        used = BilledTokens(usage.input_tokens, usage.output_tokens, usage.cached_tokens)
        cost = self._prices.micros(request.full_model, used, offline=response.is_offline)
        if cost is None:
            cost = self._prices.micros(response.model, used, offline=response.is_offline)
        response.usage = replace(usage, cost_micros=cost)

    def cost(self, response: ProviderResponse, model: str, *, bought: bool) -> int | None:
        """Returns what a request cost; None when the provider reported no usage."""
        if not bought or self._prices.is_free(model, offline=response.is_offline):
            return 0
        return response.usage.cost_micros if response.usage else None

    async def likely_cost(self, request: ProviderRequest, text: str) -> int | None:
        """Prices a request that was stopped: its input, and the text that was received.

        Reasoning that was not sent is not counted. None for a request whose messages are unknown.
        """
        if not request.messages:
            return None
        return await asyncio.to_thread(self._likely_cost, request, text)

    def _likely_cost(self, request: ProviderRequest, text: str) -> int | None:
        used = BilledTokens(_input_tokens(request).expected, tokens.count(text))
        return self._prices.micros(request.full_model, used)

    def _max_cost(self, request: ProviderRequest) -> int | None:
        if self._prices.micros(request.full_model, BilledTokens(0, 0)) is None:
            return None
        used = BilledTokens(_input_tokens(request).maximum, request.max_output_tokens)
        return self._prices.micros(request.full_model, used)


def _input_tokens(request: ProviderRequest) -> tokens.InputTokens:
    return tokens.of_request(request.messages, request.schema, request.parameters)
