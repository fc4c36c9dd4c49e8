"""What a call may cost before it is bought, and what it did cost afterwards."""

import asyncio
from dataclasses import replace

from jobs import tokens
from jobs.prices import Prices, Tokens
from lore_service.provider import Answer, Question
from lore_service.usage import Usage


class Pricing:
    """The prices, applied to questions and answers; None where a price is unknown."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices

    async def at_most(self, question: Question) -> int | None:
        """The bound of one request: its input, and an answer as long as it may be."""
        if self._prices.is_free(question.model):
            return 0
        return await asyncio.to_thread(self._at_most, question)

    def usage(self, answer: Answer, model: str) -> Usage | None:
        """What an answer used, with its price. `model` is how it was asked for."""
        used = answer.usage
        if used is None:
            return None
        spent = Tokens(used.input_tokens, used.output_tokens, used.cached_tokens)
        cost = self._prices.micros(model, spent, offline=answer.free)
        if cost is None:
            cost = self._prices.micros(answer.model, spent, offline=answer.free)
        return replace(used, cost_micros=cost)

    def cost(self, answer: Answer, model: str, *, bought: bool) -> int | None:
        """What a request cost; None when the provider has not said what it used."""
        if not bought or self._prices.is_free(model, offline=answer.free):
            return 0
        return answer.usage.cost_micros if answer.usage else None

    def _at_most(self, question: Question) -> int | None:
        if self._prices.micros(question.model, Tokens(0, 0)) is None:
            return None
        messages = [message["content"] for message in question.messages]
        read = tokens.of_request(messages, question.schema)
        longest = Tokens(read.most, question.max_output_tokens)
        return self._prices.micros(question.model, longest)
