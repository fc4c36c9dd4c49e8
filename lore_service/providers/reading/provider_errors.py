"""Reads errors in the words of the provider, from JSON, web pages and plain text."""

import html
import re
from dataclasses import dataclass
from typing import Any

from loresmith.jobs.core.text import sentence, valid_text
from loresmith.lore_service.providers.errors import ProviderProblem
from loresmith.lore_service.providers.json_values import (
    dumped,
    field_text,
    mapping,
    objects,
    parsed,
    whole_number,
)
from loresmith.lore_service.providers.redaction import redact

MAX_WORDS = 300
WEB_PAGE = re.compile(r"\s*(<!doctype html|<html|<head|<body|<\?xml|<h1)", re.IGNORECASE)
TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1", re.IGNORECASE | re.DOTALL)
ADDRESS_HINT = "The address may lack /v1."
SUCCESS_CODES = (0, 200)
MESSAGE_FIELDS = ("message", "msg", "detail", "error", "error_message", "reason", "title", "errors")


@dataclass(frozen=True)
class ProviderError:
    """What a provider reports."""

    words: str = ""
    """Its first line; may be empty."""
    code: str = ""
    status: int | None = None
    """The HTTP status that the body names."""
    is_web_page: bool = False

    @classmethod
    def of_text(cls, text: str) -> "ProviderError":
        """Reads a whole body, of whatever type."""
        if (body := parsed(text)) is not None:
            return cls.of_json(body)
        if not WEB_PAGE.match(text):
            return cls(_first_line(text))
        title = TITLE.search(text)
        words = _first_line(" ".join(html.unescape(title[2]).split())) if title else ""
        return cls(words, is_web_page=True)

    @classmethod
    def of_json(cls, body: Any) -> "ProviderError":
        """Reads a JSON body, whose error may be an object, a list or a text."""
        outer = mapping(body[0] if isinstance(body, list) and body else body)
        reported = _reported(outer)
        error = mapping(reported)
        codes = [error.get("code"), error.get("type"), error.get("status")]
        codes += [outer.get("code"), outer.get("status"), outer.get("status_code")]
        statuses = [number for code in codes if (number := whole_number(code)) in range(400, 600)]
        names = [field_text(code) for code in codes if code and whole_number(code) is None]
        return cls(
            _first_line(_message(reported or body)),
            names[0].lower() if names else "",
            statuses[0] if statuses else None,
        )

    def as_answer(self) -> ProviderProblem:
        """Describes an answer with status 200 that holds this error instead of a completion."""
        if self.is_web_page:
            title = f" ({self.words})" if self.words else ""
            message = f"The provider sent a web page{title}. {ADDRESS_HINT}"
        elif self.words:
            message = f"The provider reported an error: {sentence(self.words)}"
        else:
            message = "The provider's answer is not a completion."
        return ProviderProblem(message, status=self.status, code=self.code, no_completion=True)

    def after_status(self, status: int) -> str:
        """Describes an answer with an HTTP status that means failure."""
        words = self.words or ("a web page" if self.is_web_page else "no explanation")
        message = f"The provider answered {status}: {sentence(words)}"
        names_no_resource = status in (404, 405) and not self.code
        return f"{message} {ADDRESS_HINT}" if names_no_resource else message


def is_error(body: dict[str, Any]) -> bool:
    """Whether a JSON object reports an error. Some servers fill the field of each chunk, with a
    code that says success.
    """
    error = _reported(body)
    if "choices" in body and whole_number(mapping(error).get("code")) in SUCCESS_CODES:
        return False
    return bool(error) or body.get("object") == "error" or body.get("type") == "error"


def _reported(body: dict[str, Any]) -> Any:
    """Returns the error of a body, or of one of its choices."""
    choices = (choice.get("error") for choice in objects(body.get("choices")))
    return body.get("error") or next(filter(None, choices), None)


def _message(value: Any) -> str:
    """Finds the text for people in an error."""
    for _ in range(4):  # deeper nesting has no message
        if isinstance(value, list):
            value = value[0] if value else ""
        if not isinstance(value, dict):
            break
        value = next((value[name] for name in MESSAGE_FIELDS if value.get(name)), "")
    return value if isinstance(value, str) else dumped(value) if value else ""


def _first_line(text: str) -> str:
    lines = (" ".join(line.split()) for line in valid_text(redact(text)).splitlines())
    line = next(filter(None, lines), "")
    return line if len(line) <= MAX_WORDS else f"{line[: MAX_WORDS - 1]}…"
