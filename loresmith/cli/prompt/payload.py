"""Converts the arguments of `loresmith prompt` to the payload of a job."""

import base64
import json
import mimetypes
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loresmith.cli.arguments import ArgumentError, read_file


def full_text(text: str | None, file: str | None) -> str:
    """Returns the text of the prompt: that of the command, then that of a file; - is stdin.

    Raises ArgumentError when there is none.
    """
    parts = [] if text is None else [sys.stdin.read() if text == "-" else text]
    if file is not None:
        parts.append(sys.stdin.read() if file == "-" else read_file("--file", file))
    whole = "\n\n".join(part.strip("\n") for part in parts)
    if not whole.strip():
        raise ArgumentError("Give the text of the prompt, - for standard input, or --file.")
    return whole


def request(text: str, system: str | None, images: Iterable[str]) -> dict[str, Any]:
    """Returns the fields with the text; images need messages. Raises ArgumentError."""
    urls = [image_url(image) for image in images]
    if not urls:
        return {"prompt": text} | ({"system": system} if system else {})
    parts = [{"type": "text", "text": text}]
    parts += [{"type": "image_url", "image_url": {"url": url}} for url in urls]  # type: ignore[dict-item]
    before = [{"role": "system", "content": system}] if system else []
    return {"messages": [*before, {"role": "user", "content": parts}]}


def image_url(image: str) -> str:
    """Returns an address as it is, and a file as a data URL. Raises ArgumentError."""
    if image.startswith(("http://", "https://", "data:")):
        return image
    media_type = mimetypes.guess_type(image)[0] or ""
    if not media_type.startswith("image/"):
        raise ArgumentError(f"--image: {image} has no ending of an image, for example .png")
    try:
        content = Path(image).read_bytes()
    except OSError as error:
        raise ArgumentError(f"--image: cannot read {image}: {error.strerror}") from None
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def schema_of(word: str) -> Any:
    """Returns a JSON Schema, from JSON or the name of a file. Raises ArgumentError."""
    is_json = word.lstrip().startswith("{")
    try:
        return json.loads(word if is_json else read_file("--schema", word))
    except ValueError as error:
        if isinstance(error, ArgumentError):
            raise
        raise ArgumentError(f"--schema: invalid JSON: {error}") from None


def variables_of(words: Iterable[str]) -> dict[str, str]:
    """Returns the values of NAME=VALUE and NAME=@FILE. Raises ArgumentError."""
    values = dict(_pair("--var", word) for word in words)
    return {
        name: read_file(f"--var {name}", value[1:]) if value.startswith("@") else value
        for name, value in values.items()
    }


def parameters_of(words: Iterable[str]) -> dict[str, Any]:
    """Returns the values of NAME=JSON; what is not JSON is text. Raises ArgumentError."""
    return {
        name: _json_or_text(name, value) for name, value in (_pair("--param", w) for w in words)
    }


def _pair(option: str, word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not (name and equals):
        raise ArgumentError(f"{option}: {word!r} has no value; write name=value")
    return name, value


def _json_or_text(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError as error:
        if value.lstrip().startswith(("{", "[", '"')):
            raise ArgumentError(f"--param {name}: invalid JSON: {error}") from None
        return value
