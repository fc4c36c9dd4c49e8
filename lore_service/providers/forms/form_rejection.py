"""Decides which forms of request remain after a provider's problem."""

import re
from collections.abc import Sequence
from dataclasses import replace

from openai import APIStatusError

from loresmith.jobs.core.errors import CallFailed
from loresmith.lore_service.providers.errors import ProviderProblem, classify
from loresmith.lore_service.providers.request_form import RequestForm
from loresmith.lore_service.providers.response import ProviderResponse

UNSPECIFIC = (400, 422)
"""Statuses of a rejected parameter even where the body does not name it."""
OTHER_STATUSES = (401, 402, 403, 407, 408, 409, 413)
OTHER_CAUSES = re.compile(
    r"context.{0,9}(length|window|size)|model\b.{0,80}\bnot (found|exist)|does not exist"
    r"|(no such|unknown|invalid) model|model.not.found|api.?key|quota|billing|moderation"
    r"|content.{0,9}(policy|filter)|too (large|long|big|many|high)|exceed",
    re.IGNORECASE | re.DOTALL,
)
"""What a rejection says that another form would not fix."""
MODES = {
    "json_schema": r"response.?format|json.?schema|structured.?output|text\.format",
    "tool": r"\btools?\b|tool.?(choice|call|use)|function",
    "guided_json": r"guided|structured.?output",
    "json_object": r"response.?format|json.?(object|mode)|text\.format",
    "prompt": r"(?!)",
    "none": r"(?!)",
}
"""What a rejection of a mode says."""


def remaining_forms(
    problem: ProviderProblem,
    response: ProviderResponse,
    forms: Sequence[RequestForm],
    *,
    may_guess: bool,
) -> tuple[RequestForm, ...] | None:
    """Returns the forms that may still fit after the first one met a problem; None when the problem
    has another cause.

    `may_guess`: a rejection that names no parameter counts, too.
    """
    form, text = forms[0], _text(problem)
    if not _may_be_about_the_form(problem, response, text):
        return None
    if form.asks_usage and re.search("stream_options|include_usage", text):
        return tuple(replace(each, asks_usage=False) for each in forms)
    if re.search(rf"\b{form.max_tokens_parameter}\b", text):
        parameter = form.max_tokens_parameter
        return tuple(each for each in forms if each.max_tokens_parameter != parameter)
    if re.search(MODES[form.schema_mode], text, re.IGNORECASE):
        return tuple(each for each in forms if each.schema_mode != form.schema_mode)
    return tuple(forms[1:]) if problem.status in UNSPECIFIC and may_guess else None


def _may_be_about_the_form(problem: ProviderProblem, response: ProviderResponse, text: str) -> bool:
    if not problem.sent or response.text_parts or problem.status in OTHER_STATUSES:
        return False
    is_rejected = classify(problem).failure.code == CallFailed.code
    return is_rejected and not OTHER_CAUSES.search(text)


def _text(problem: ProviderProblem) -> str:
    """Returns the message and the whole body of the rejection."""
    cause: BaseException | None = problem
    while cause and not isinstance(cause, APIStatusError):
        cause = cause.__cause__
    return f"{problem.message} {cause.body if isinstance(cause, APIStatusError) else ''}"
