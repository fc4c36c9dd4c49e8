"""The requests of one run, and what the checks learn from each other."""

from dataclasses import replace
from typing import Any

from loresmith.jobs.core.settings.providers import SchemaMode
from loresmith.lore_service.conformance.finding import Finding, Outcome, ProviderUnusable, Report
from loresmith.lore_service.providers.errors import ProviderProblem
from loresmith.lore_service.providers.exchange import CALL_ID, Exchanges, Reply
from loresmith.lore_service.providers.rate_limits import rate_limits
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.request_form import RequestForm, chat_body

MAX_REQUESTS = 14
"""Completions that a run requests at most."""
SHORT_TOKENS, ANSWER_TOKENS = 16, 1_000
"""Limits of the answers; those to a schema leave room for reasoning."""
MAX_OUTPUT_TOKENS = 3 * SHORT_TOKENS + 8 * ANSWER_TOKENS
"""Of all requests together, at a server that holds the limits."""
MAX_INPUT_TOKENS = MAX_REQUESTS * 250
REFUSED_KEY = (401, 403)


class Session:
    """Sends the requests of one run to one model."""

    def __init__(self, exchanges: Exchanges, report: Report) -> None:
        self.exchanges, self.report = exchanges, report
        self.model = report.model
        self.form = RequestForm("prompt", "max_completion_tokens")
        """The form that requests take until a check has found a better one."""
        self.replies: list[Reply] = []

    def add(self, check: str, outcome: Outcome, detail: str = "") -> None:
        self.report.findings.append(Finding(check, outcome, detail))

    def add_problem(self, check: str, problem: ProviderProblem) -> None:
        self.report.findings.append(Finding.of_problem(check, problem))

    def body(
        self,
        prompt: str,
        *,
        mode: SchemaMode | None = None,
        schema: dict[str, Any] | None = None,
        max_tokens: int = ANSWER_TOKENS,
    ) -> dict[str, Any]:
        """Returns the body of a request as model calls make it; without a mode, of plain text."""
        request = ProviderRequest(
            call_id=CALL_ID,
            model=self.model,
            messages=[{"role": "user", "content": prompt}],
            schema_name="answer",
            schema=schema or {},
            max_output_tokens=max_tokens,
        )
        body = chat_body(request, replace(self.form, schema_mode=mode or "guided_json"))
        if mode is None:
            body.pop("guided_json")
        return body

    async def send(self, body: dict[str, Any], *, stops_at_text: bool = False) -> Reply:
        """Sends a request and counts it. Raises ProviderUnusable where no other can succeed."""
        reply = await self.exchanges.complete(body, stops_at_text=stops_at_text)
        self.replies.append(reply)
        report = self.report
        report.requests += 1
        if usage := reply.response.usage:
            report.input_tokens += usage.input_tokens
            report.output_tokens += usage.output_tokens
        if reply.problem:
            check_reachable(reply.problem)
        return reply

    @property
    def rate_limit_kinds(self) -> list[str]:
        """What the headers of the answers limit, with the limits."""
        seen = [limit for reply in self.replies for limit in rate_limits(reply.headers)]
        sizes = {limit.kind: limit.limit for limit in seen}
        return [f"{size:,} {kind}" for kind, size in sizes.items()]


def check_reachable(problem: ProviderProblem) -> None:
    """Raises ProviderUnusable: the server is away, or refuses the key."""
    if not problem.sent:
        raise ProviderUnusable(problem.message, is_unreachable=True)
    if problem.status in REFUSED_KEY:
        raise ProviderUnusable(f"{problem.message} Check the key and what it may use.")
