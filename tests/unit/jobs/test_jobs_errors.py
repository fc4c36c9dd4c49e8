"""The tree of errors: drawn, coded, and each with a message of its own."""

import re

import pytest

from loresmith.jobs.core import errors
from loresmith.jobs.core.errors import BY_CODE, JobError, JobStopped

DRAWN = re.findall(r"^( {4,})(\w+)(?: {2,}(\w+) {2,}|  )", errors.__doc__ or "", re.MULTILINE)
every_error = pytest.mark.parametrize("error", BY_CODE.values(), ids=lambda error: error.__name__)


def depth(error: type[Exception]) -> int:
    return error.__mro__.index(Exception) - 1


def test_the_drawing_is_the_tree() -> None:
    """Given the head of the module / I expect each class at its depth, each code with its class."""
    drawn = {name: (len(indent) // 2 - 2, code) for indent, name, code in DRAWN}

    defined = {
        name: (depth(matches), matches.__dict__.get("code", "") if matches is not JobError else "")
        for name, matches in vars(errors).items()
        if isinstance(matches, type) and issubclass(matches, JobError | JobStopped)
    }
    assert {name: place for name, (place, _) in drawn.items()} == {
        name: place for name, (place, _) in defined.items()
    }
    for name, (_, code) in drawn.items():
        if code in BY_CODE:
            assert BY_CODE[code].__name__ == name


@every_error
def test_a_code_leads_back_to_its_error(error: type[JobError]) -> None:
    assert BY_CODE[error.code] is error


def test_no_two_errors_share_a_code() -> None:
    """But for the root, which is as internal as Internal."""
    subclasses = errors._subclasses(JobError)[1:]

    assert len({error.code for error in subclasses}) == len(subclasses) == len(BY_CODE)


@every_error
def test_the_docstring_is_the_message(error: type[JobError]) -> None:
    message = str(error())

    assert message.endswith(".")
    assert message == (error.__doc__ or "").strip()


def test_a_message_can_be_given() -> None:
    assert str(errors.TimedOut("Over its 90 s.")) == "Over its 90 s."


def test_the_detail_says_what_is_known() -> None:
    detail = errors.CallFailed("Overloaded.", status=503, retry_after_s=None).as_detail()

    assert detail == {
        "code": "llm_error",
        "message": "Overloaded.",
        "retryable": True,
        "status": 503,
    }


def test_what_costs_again_for_nothing_is_not_retryable() -> None:
    assert not errors.QuotaExhausted.retryable
    assert not errors.CallRefused.retryable
    assert not errors.ValidationFailed.retryable


def test_being_told_to_stop_is_no_failure() -> None:
    assert not issubclass(JobStopped, JobError)
