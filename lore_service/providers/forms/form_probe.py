"""Finds the form of request that a server accepts for a model, and remembers it.

A server that does not know a parameter rejects the request, which costs nothing. The next form is
then tried under the same call_id, because nothing was bought under it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.settings.providers import ProviderConfig
from loresmith.lore_service.providers.errors import ProviderProblem
from loresmith.lore_service.providers.forms.form_rejection import remaining_forms
from loresmith.lore_service.providers.json_values import parsed
from loresmith.lore_service.providers.request_form import RequestForm
from loresmith.lore_service.providers.response import ProviderResponse

log = get_logger(__name__)

MAX_PROBE_WAIT_S = 5.0
"""How long a call waits for the probe of another one before it sends its own request."""

OnText = Callable[[str], None]
Attempt = Callable[[RequestForm, OnText], Awaitable[None]]


@dataclass
class _ModelForms:
    """What is known of one model."""

    forms: tuple[RequestForm, ...]
    """Those that were not rejected, the best first."""
    is_accepted: bool = False
    """A request in the first form was accepted."""
    is_enforced: bool = False
    """An answer in the first form fitted its schema."""
    probing: asyncio.Lock = field(default_factory=asyncio.Lock)


class FormProbe:
    """The forms of request that one server accepts, by model. Lasts as long as the process."""

    def __init__(self, provider: ProviderConfig, forms: tuple[RequestForm, ...]) -> None:
        self._provider = provider
        self._forms = forms
        self._models: dict[str, _ModelForms] = {}

    def first(self, model: str) -> RequestForm:
        """Returns the best form known for a model."""
        known = self._models.get(model)
        return known.forms[0] if known else self._forms[0]

    async def send(
        self, model: str, response: ProviderResponse, on_text: OnText, attempt: Attempt
    ) -> None:
        """Makes attempts until a form is not rejected. Raises ProviderProblem."""
        known = self._models.setdefault(model, _ModelForms(self._forms))
        is_prober = not known.is_accepted and await self._begin(known)

        def accept() -> None:
            nonlocal is_prober
            if response.form in known.forms and not known.is_accepted:
                self._remember(model, known, response.form)
            if is_prober:
                is_prober = False
                known.probing.release()

        def accept_text(text: str) -> None:
            if is_prober or not known.is_accepted:
                accept()
            on_text(text)

        try:
            await self._try_forms(known, response, lambda form: attempt(form, accept_text))
            accept()
        except ProviderProblem:
            if not known.is_accepted:
                self._models.pop(model, None)  # models that do not exist must not fill the memory
            raise
        finally:
            if is_prober:
                known.probing.release()

    def note_output(self, model: str, response: ProviderResponse, *, usable: bool) -> None:
        """Takes the next mode when the server ignores this one: its answer is no JSON at all.

        The first mode is never left for that: servers that do not know it reject it.
        """
        known = self._models.get(model)
        if known is None or response.form != known.forms[0] or known.is_enforced:
            return
        if _mode(response) == self._forms[0].schema_mode:
            return
        if usable:
            known.is_enforced = True
            return
        others = tuple(form for form in known.forms if form.schema_mode != _mode(response))
        if others and not isinstance(parsed(response.text), dict):
            log.warning(
                "a provider ignores a schema mode",
                provider=self._name,
                schema_mode=_mode(response),
                model=model,
            )
            known.forms, known.is_accepted = others, False

    async def _begin(self, known: _ModelForms) -> bool:
        """Waits for the probe of another call; tells whether this call probes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(MAX_PROBE_WAIT_S):
                await known.probing.acquire()
            return True
        return False

    async def _try_forms(
        self,
        known: _ModelForms,
        response: ProviderResponse,
        attempt: Callable[[RequestForm], Awaitable[None]],
    ) -> None:
        first: ProviderProblem | None = None
        may_guess = len(self._forms) > 1 and not known.is_accepted
        forms = known.forms
        while forms:
            response.form = forms[0]
            try:
                return await attempt(forms[0])
            except ProviderProblem as problem:
                remaining = remaining_forms(problem, response, forms, may_guess=may_guess)
                if remaining is None:
                    raise
                first, forms = first or problem, remaining
                if not known.is_accepted:
                    known.forms = forms or self._forms
        assert first
        raise replace(first, message=f"{first.message.rstrip('.')}. {self._remedy}") from first

    def _remember(self, model: str, known: _ModelForms, form: RequestForm) -> None:
        known.forms = known.forms[known.forms.index(form) :]
        known.is_accepted = True
        self._models[model] = known
        if form != self._forms[0]:
            log.warning(
                "found the form of requests that a provider accepts",
                provider=self._name,
                model=model,
                schema_mode=form.schema_mode,
                max_tokens_parameter=form.max_tokens_parameter,
                reports_usage=form.asks_usage,
            )

    @property
    def _name(self) -> str:
        return self._provider.name or self._provider.base_url

    @property
    def _remedy(self) -> str:
        """Names the settings of the form."""
        if self._provider.name:
            where = f"schema_mode and max_tokens_parameter of [{self._provider.name}]"
        else:
            where = "LORESMITH_SCHEMA_MODE and LORESMITH_MAX_TOKENS_PARAMETER"
        tried = dict.fromkeys(form.schema_mode for form in self._forms)
        return f"No form of request was accepted (tried {', '.join(tried)}); see {where}"


def _mode(response: ProviderResponse) -> str:
    return response.form.schema_mode if response.form else ""
