"""A provider that works in the background: OpenAI's Responses, created, followed by id, cancelled
by id.

The generation belongs to the provider from the moment it has an id, so a break of the connection,
or the death of this process, loses nothing: whoever has the id follows it on. It is created
unstreamed, because a create whose stream breaks at the first event may hang in `queued`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from openai import AsyncStream, NotFoundError

from jobs.crashpoints import crashpoint
from lore_service.provider import Answer, Provider, Question
from lore_service.status import ProviderProblem
from lore_service.usage import Usage

log = logging.getLogger(__name__)

Noted = Callable[[str], Awaitable[None]]
OPEN = ("queued", "in_progress")
REASONS = {"max_output_tokens": "length", "content_filter": "content_filter"}
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 3.0
"""Between two tries to follow a generation whose stream broke."""
LAST_WORD_S = 3.0
"""How long a cancelled generation may take to say what it has used."""


class BackgroundProvider(Provider):
    """The same account, spoken to through Responses."""

    resumes = True

    async def ask(self, question: Question, answer: Answer, arrived: Callable[[str], None]) -> None:
        """Creates the response, unless `answer` has the id of one, and follows it to its end."""
        if not answer.response_id:
            await self._create(question, answer)
        pause = FIRST_PAUSE_S
        while not answer.finish_reason:
            before = answer.seen
            try:
                await self._follow(answer, arrived)
                await self._look(answer, arrived)
            except NotFoundError as error:
                raise ProviderProblem("The provider has forgotten the response") from error
            except ProviderProblem:
                raise
            except Exception as error:  # whatever a stream can throw; the id outlives it
                log.warning("call %s: following it broke off: %r", question.call_id, error)
            pause = FIRST_PAUSE_S if answer.seen > before else min(pause * 2, LONGEST_PAUSE_S)
            if not answer.finish_reason:
                await asyncio.sleep(pause)

    async def drop(self, answer: Answer) -> None:
        """Cancels the response and takes what it has used; never raises."""
        if not answer.response_id:
            return
        try:
            async with asyncio.timeout(LAST_WORD_S):
                path = f"/responses/{answer.response_id}/cancel"
                told = await self._client.post(path, cast_to=object, options=self._options(""))
                self._take(told, answer)
        except Exception as error:  # it is stopped or it is not; its row says what is known
            log.warning("call %s: could not be cancelled: %r", answer.call_id, error)

    async def _create(self, question: Question, answer: Answer) -> None:
        try:
            told: Any = await self._client.post(
                "/responses",
                cast_to=object,
                body=self._background_body(question),
                options=self._options(question.call_id),
            )
        except Exception as error:
            raise self._problem(error) from error
        crashpoint("L3")
        self._take_head(told, answer)
        await answer.noted(answer.response_id)
        crashpoint("L4")

    async def _follow(self, answer: Answer, arrived: Callable[[str], None]) -> None:
        """The events after those that are known, until the stream ends."""
        path = f"/responses/{answer.response_id}"
        params = {"stream": True, "starting_after": answer.seen}
        stream = await self._client.get(
            path,
            cast_to=object,
            options={**self._options(answer.call_id), "params": params},
            stream=True,
            stream_cls=AsyncStream[object],
        )
        async with stream:
            async for event in stream:
                self._event(event, answer, arrived)

    def _event(self, event: Any, answer: Answer, arrived: Callable[[str], None]) -> None:
        number = event.get("sequence_number")
        if number is None or number <= answer.seen:
            return
        answer.seen = number
        if event.get("type") == "response.output_text.delta":
            answer.parts.append(event["delta"])
            arrived(event["delta"])

    async def _look(self, answer: Answer, arrived: Callable[[str], None]) -> None:
        """The response as it stands. Raises ProviderProblem when it ended badly."""
        path = f"/responses/{answer.response_id}"
        told: Any = await self._client.get(
            path, cast_to=object, options=self._options(answer.call_id)
        )
        if told.get("status") in OPEN:
            return
        if missed := self._take(told, answer):
            arrived(missed)
        if not answer.finish_reason:
            error = (told.get("error") or {}).get("message") or told.get("status")
            raise ProviderProblem(self._words(f"The provider did not finish it: {error}"))

    def _take(self, told: Any, answer: Answer) -> str:
        """What an ended response says of itself; answers the text that no event had brought."""
        self._take_head(told, answer)
        whole, had = _text(told), answer.text
        missed = whole[len(had) :] if whole.startswith(had) else ""
        if missed:
            answer.parts.append(missed)
        if used := told.get("usage"):
            answer.usage = Usage.of_response(used)
        answer.refusal = _refusal(told)
        if told.get("status") == "completed":
            answer.finish_reason = "stop"
        elif told.get("status") == "incomplete":
            reason = (told.get("incomplete_details") or {}).get("reason", "")
            answer.finish_reason = REASONS.get(reason, "length")
        return missed

    def _take_head(self, told: Any, answer: Answer) -> None:
        answer.response_id = answer.provider_id = told.get("id") or answer.response_id
        if not answer.response_id:
            raise ProviderProblem("The provider's response has no id")
        answer.take_maker(told)

    def _background_body(self, question: Question) -> dict[str, Any]:
        shape = {"type": "json_schema", "name": question.name, "schema": question.schema}
        return {
            "model": question.model,
            "input": question.messages,
            "background": True,
            "store": True,
            "text": {"format": shape | {"strict": True}},
            "max_output_tokens": question.max_output_tokens,
            "metadata": {"call_id": question.call_id},
        }


def _parts(told: Any) -> list[dict[str, Any]]:
    messages = (item for item in told.get("output") or () if item.get("type") == "message")
    return [part for message in messages for part in message.get("content") or ()]


def _text(told: Any) -> str:
    return "".join(part.get("text") or "" for part in _parts(told))


def _refusal(told: Any) -> str:
    return "".join(part.get("refusal") or "" for part in _parts(told))
