"""Collects the items of a list that the server sends in pages."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from loresmith.client.protocol import Exchange, request
from loresmith.client.retry import Sender

PAGE_SIZE: Final = 100


def collect(
    sender: Sender, path: str, member: str, filters: Mapping[str, Any], limit: int
) -> Exchange[tuple[list[Any], Mapping[str, Any]]]:
    """Returns at most `limit` items of the list `member`, and the last page."""
    items: list[Any] = []
    query = dict(filters)
    while True:
        query["limit"] = str(min(PAGE_SIZE, limit - len(items)))
        url = f"{path}?{urlencode(query, doseq=True)}"
        page = yield from sender.json_object(request("GET", url))
        items += list_member(page, member)
        query["cursor"] = page.get("next_cursor")
        if len(items) >= limit or not query["cursor"]:
            return items, page


def list_member(body: Mapping[str, Any], name: str) -> list[Any]:
    """Returns a list of a response; empty where the server sends none."""
    return list(body.get(name) or [])
