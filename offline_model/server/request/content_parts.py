"""Reads the content of a message: a text, or a list of parts with texts and images."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from loresmith.offline_model.server.errors import InvalidParameter
from loresmith.offline_model.server.request import checks

TEXT_PARTS = ("text", "refusal", "input_text", "output_text")
IMAGE_PARTS = ("image_url", "input_image")
DETAILS = ("low", "high", "auto", "original")
LOW_DETAIL_TOKENS, HIGH_DETAIL_TOKENS = 85, 765
"""Tokens of an image. High is that of a square of 1,024 pixels: images are not read."""
DATA_URL = re.compile(r"data:image/(png|jpeg|jpg|gif|webp);base64,(.+)", re.DOTALL)


def read_content(
    content: Any, param: str, part_types: Sequence[str], *, allows_images: bool
) -> tuple[str, int]:
    """Returns the text of a content and the tokens of its images. Raises InvalidParameter."""
    if isinstance(content, str):
        return content, 0
    texts, tokens = [], 0
    for number, part in enumerate(checks.array(content, param, minimum=1)):
        place = f"{param}[{number}]"
        if not isinstance(part, dict):
            raise checks.wrong_type(place, "an object", part)
        part_type = checks.text(part.get("type"), f"{place}.type")
        if part_type in IMAGE_PARTS and part_type in part_types:
            tokens += _image_tokens(part, place, allows_images)
            continue
        _check_part_type(part_type, part_types, f"{place}.type")
        field = "refusal" if part_type == "refusal" else "text"
        texts.append(checks.text(part.get(field), f"{place}.{field}"))
    return "\n".join(filter(None, texts)), tokens


def _check_part_type(part_type: str, part_types: Sequence[str], param: str) -> None:
    if part_type in ("input_audio", "file", "input_file"):
        raise InvalidParameter(
            f"Unsupported content type: '{part_type}'. This model reads text and images only.",
            param,
            "unsupported_value",
        )
    checks.one_of(part_type, part_types, param)


def _image_tokens(part: dict[str, Any], place: str, is_allowed: bool) -> int:
    if not is_allowed:
        raise InvalidParameter(
            "Image URLs are only allowed for messages with role 'user'.", place, "invalid_value"
        )
    if part["type"] == "image_url":
        image = checks.mapping(part.get("image_url"), f"{place}.image_url")
        url, url_param = image.get("url"), f"{place}.image_url.url"
    else:
        image, url, url_param = part, part.get("image_url"), f"{place}.image_url"
        if image.get("file_id"):
            raise InvalidParameter("This model reads no files.", f"{place}.file_id")
    _check_url(checks.text(url, url_param), url_param)
    detail = checks.one_of(image.get("detail") or "auto", DETAILS, f"{place}.detail")
    return LOW_DETAIL_TOKENS if detail == "low" else HIGH_DETAIL_TOKENS


def _check_url(url: str, param: str) -> None:
    """Checks an address; never fetches it."""
    if not url.startswith("data:"):
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme in ("http", "https") and parts.netloc:
            return
        message = f"Invalid '{param}'. Expected a valid URL, but got a value with an invalid format"
        raise InvalidParameter(f"{message}.", param, "invalid_value")
    match = DATA_URL.fullmatch(url)
    try:
        if match and base64.b64decode(match[2], validate=True):
            return
    except binascii.Error:
        pass
    message = "The image must be base64 data with the type png, jpeg, gif or webp."
    raise InvalidParameter(message, param, "invalid_image_format")
