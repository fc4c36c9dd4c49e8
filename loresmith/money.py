"""What a client can ask about money: budgets, and what jobs have cost; part of Operations."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from loresmith.patience import Patience
from loresmith.wire import Ask, Talk, ask, content


class Money(Patience):
    """The operations on budgets, and reports."""

    def budgets(self) -> Talk[list[dict[str, Any]]]:
        """All budgets as they stand now; amounts are in dollars."""
        body = yield from self._content(ask("GET", "/budgets"))
        return list(body["budgets"]) if "budgets" in body else []

    def set_budget(self, scope: str, id: str, /, **terms: Any) -> Talk[dict[str, Any]]:
        """Sets a budget; the terms are those of PUT /budgets, for example limit=10 (dollars),
        window="month". The id of the global one is "all". Raises ProblemError.
        """
        return dict((yield from self._content(ask("PUT", _path(scope, id), terms))))

    def drop_budget(self, scope: str, id: str) -> Talk[None]:
        """Takes a budget away. Raises ProblemError (`budget-not-found`)."""
        answered = yield from self.answered(ask("DELETE", _path(scope, id)))
        if answered.reply.status == 404 and answered.resent:
            return  # the lost answer was a yes
        if answered.reply.status != 204:
            content(answered.reply)

    def usage(self, /, group_by: str = "day", **time: str) -> Talk[dict[str, Any]]:
        """What ended jobs have cost, by user, team, type, model, session or day. `time` is `from`
        and `to`, as RFC 3339; without them it is this month. Raises ProblemError.
        """
        query = urlencode({"group_by": group_by} | time)
        return dict((yield from self._content(ask("GET", f"/usage?{query}"))))

    def _content(self, request: Ask) -> Talk[Mapping[str, Any]]:
        body = content((yield from self.answered(request)).reply)
        return body if isinstance(body, Mapping) else {}


def _path(scope: str, id: str) -> str:
    return f"/budgets/{quote(scope, safe='')}/{quote(id, safe='')}"
