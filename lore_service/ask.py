"""What an asker wants, checked: the only things that can be bought here are recipes."""

from dataclasses import dataclass, replace
from typing import Any

import grpc
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from jobs.errors import CallRefused, JobError, OutputUnusable
from jobs.kind import Recipe
from jobs.kinds import KINDS, RECIPES
from lore_service.ledger import CallName
from lore_service.provider import Answer, Question
from lore_service.status import CallError, Failure, invalid, unavailable
from protos.lore.v1 import lore_pb2 as pb

TIME_LIMITS = {recipe.name: kind.timeout_s for kind in KINDS.values() for recipe in kind.recipes}
"""What a job may take, by the recipes of its kind, in seconds."""

CACHE = {pb.CACHE_USE: "use", pb.CACHE_ONLY: "only"}

AGAIN = (
    "That answer cannot be used: {why}\n"
    "Write all of it anew, as JSON that fits the schema, and nothing else."
)
"""What the model is told when its answer does not fit."""

THE_REST = (
    "These {field} are written already and will be kept:\n{items}\n"
    "Write only the {count} that are missing. They must differ from these and belong with them."
)
"""What the model is told when an earlier try left finished entities."""

MOST_ERRORS = 8
"""Errors of an answer that are told to the model and to people."""


@dataclass(frozen=True)
class Ask:
    """A request for one call of one recipe."""

    name: CallName
    attempt: int
    recipe: Recipe[Any, Any]
    input: BaseModel
    model: str
    max_output_tokens: int
    finished: tuple[str, ...] = ()
    """Items that an earlier try finished, as JSON texts."""
    cache: str = ""
    """Whether a kept answer will do: `use`, or `only`, which buys nothing; empty: it will not."""

    @classmethod
    def of(cls, request: pb.GenerateRequest, default_model: str) -> "Ask":
        """Raises CallError: what is wrong with the request."""
        recipe = RECIPES.get(request.recipe)
        if recipe is None:
            raise CallError(invalid(f"There is no recipe {request.recipe!r}."))
        if request.fingerprint and request.fingerprint != recipe.fingerprint:
            raise CallError(_other_version(recipe))
        try:
            name = CallName.parse(request.call_id)
            given = recipe.input.model_validate_json(request.input_json)
        except ValidationError as error:
            raise CallError(invalid(f"input of {recipe.name}: {_errors(error)}")) from None
        except ValueError as error:
            raise CallError(invalid(str(error))) from None
        if name.job_id != request.job_id or name.is_repair:
            raise CallError(invalid(f"call_id {request.call_id!r} is not one of this job."))
        finished = tuple(request.finished_items)
        if finished and not (recipe.count and len(finished) < recipe.count(given)):
            raise CallError(invalid(f"finished_items: more than {recipe.name} has to leave."))
        most = recipe.max_output_tokens(given)
        return cls(
            name=name,
            attempt=request.attempt,
            recipe=recipe,
            input=given,
            model=request.model or default_model,
            max_output_tokens=min(request.max_output_tokens or most, most),
            finished=finished,
            cache=CACHE.get(request.cache, ""),
        )

    @property
    def time_limit_s(self) -> float:
        """What a job of this kind may take."""
        return TIME_LIMITS[self.recipe.name]

    def fields(self, question: Question) -> dict[str, str]:
        """What the row of a question says from the start."""
        said = {
            "recipe": self.recipe.name,
            "fingerprint": self.recipe.fingerprint,
            "model": self.model,
            "request": question.fingerprint,
        }
        if self.cache:
            said["cache"] = self.cache
        return said | ({"finished": to_json(self.finished).decode()} if self.finished else {})

    def question(self) -> Question:
        """What the provider is asked."""
        told = self.recipe.prompt(self.input).messages()
        if self.finished:
            told.append({"role": "user", "content": self._the_rest()})
        return Question(
            call_id=str(self.name),
            model=self.model,
            messages=told,
            name=self.recipe.name.replace(".", "_"),
            schema=self.recipe.schema(self.input, len(self.finished)),
            max_output_tokens=self.max_output_tokens,
            finished=self.finished,
        )

    def repair(self, text: str, why: str) -> Question:
        """Asks once more, with the answer that did not fit and what is wrong with it."""
        first = self.question()
        again = [
            {"role": "assistant", "content": text or "(nothing)"},
            {"role": "user", "content": AGAIN.format(why=why)},
        ]
        return replace(first, call_id=str(self.name.repair()), messages=first.messages + again)

    def read(self, answer: Answer) -> BaseModel:
        """The output in a complete answer. Raises CallError: refused, or of no use."""
        if answer.refusal or answer.finish_reason == "content_filter":
            raise _spoilt(answer, CallRefused, answer.refusal[:500] or None)
        if answer.finish_reason == "length":
            raise _spoilt(answer, OutputUnusable, self._too_long())
        if not answer.text.strip():
            raise _spoilt(answer, OutputUnusable, "The answer is empty.")
        try:
            output: BaseModel = self.recipe.parse(self.input, answer.text, answer.finished)
        except ValidationError as error:
            raise _spoilt(answer, OutputUnusable, _errors(error)) from None
        except ValueError as error:
            raise _spoilt(answer, OutputUnusable, str(error)) from None
        return output

    def _the_rest(self) -> str:
        wanted = self.recipe.count(self.input) if self.recipe.count else 0
        return THE_REST.format(
            field=self.recipe.items,
            items="\n".join(self.finished),
            count=wanted - len(self.finished),
        )

    def _too_long(self) -> str:
        return (
            f"The answer was cut off at its bound of {self.max_output_tokens} tokens, "
            "which includes the model's reasoning."
        )


def repairable(failure: Failure, answer: Answer) -> bool:
    """Whether asking again may help: not after a refusal, nor when it would be cut off again."""
    return failure.code == OutputUnusable.code and answer.finish_reason != "length"


def _spoilt(answer: Answer, error: type[JobError], why: str | None) -> CallError:
    return CallError(
        Failure.of(
            error,
            why,
            may_be_bought=True,
            text=answer.text or answer.refusal,
            usage=answer.usage,
        )
    )


def _errors(error: ValidationError) -> str:
    """The first few errors, each with its place."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    places = (
        f"{'.'.join(map(str, each['loc'])) or 'the text'}: {each['msg']}"
        for each in found[:MOST_ERRORS]
    )
    return "; ".join(places) + (" …" if len(found) > MOST_ERRORS else "")


def _other_version(recipe: Recipe[Any, Any]) -> Failure:
    told = unavailable(
        f"The worker knows another version of the recipe {recipe.name!r} than the lore service; "
        "run both from the same release."
    )
    return replace(told, status=grpc.StatusCode.FAILED_PRECONDITION)
