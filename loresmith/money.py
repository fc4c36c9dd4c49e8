"""What a client can ask about money: budgets, and what jobs have cost; part of Operations."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from loresmith.patience import Patience
from loresmith.wire import Ask, Talk, ask, content


class Money(Patience):
    """The operations on budgets, and reports."""

    def estimate(
        self,
        type: str,
        payload: Mapping[str, Any],
        *,
        team_id: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Talk[dict[str, Any]]:
        """What a job would take and cost, under `estimate`, and whether it would be made. Makes
        nothing and buys nothing. Raises ProblemError when a field does not fit.
        """
        body = {"type": type, "payload": payload, "team_id": team_id, "options": options}
        given = {name: value for name, value in body.items() if value is not None}
        return dict((yield from self._content(ask("POST", "/jobs/estimate", given))))

    def calls(self, job_id: str) -> Talk[list[dict[str, Any]]]:
        """The model calls of a job, each with its tokens and its cost. Raises ProblemError."""
        body = yield from self._content(ask("GET", f"/jobs/{quote(job_id, safe='')}/calls"))
        return list(body.get("calls") or [])

    def retry_plan(self, job_id: str) -> Talk[dict[str, Any]]:
        """What a retry would keep, buy and cost. Raises ProblemError."""
        path = f"/jobs/{quote(job_id, safe='')}/retry?dry_run=true"
        return dict((yield from self._content(ask("POST", path))))

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
