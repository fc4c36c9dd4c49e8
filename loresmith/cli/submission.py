"""Sends a new job: the options that every such command has, the owner, and the price to confirm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial, update_wrapper
from typing import Any, TypeVar

import click

from loresmith.cli.context import PRIORITIES, CommandContext
from loresmith.cli.exit_codes import INVALID, CommandError
from loresmith.cli.pricing import (
    CONFIRMATION_REQUIRED,
    COST_CAP_EXCEEDED,
    confirmed_options,
    show_estimate,
)
from loresmith.client import Job, ProblemError, new_key

T = TypeVar("T")

behalf_option = click.option(
    "--on-behalf-of",
    metavar="USER",
    help="User who owns the job, if your credential acts for others; with --team, the user's team.",
)
model_option = click.option("--model", metavar="MODEL", help="Model (default: server setting).")
OPTIONS = (
    click.option("--key", metavar="KEY", help="Idempotency key (default: a new one)."),
    click.option("--team", metavar="NAME", help="Team whose budget pays for the job."),
    behalf_option,
    click.option("--session", metavar="NAME", help="Label that groups related jobs."),
    click.option("--tag", "tags", multiple=True, metavar="TAG", help="Tag; may be repeated."),
    model_option,
    click.option(
        "--max-cost", type=float, metavar="USD", help="Reject the job if it could cost more."
    ),
    click.option("--yes", is_flag=True, help="Confirm the cost if the server requires it."),
    click.option(
        "--cache",
        type=click.Choice(["use", "skip", "only"]),
        help="Cached results: skip (default, always generate), use or only.",
    ),
    click.option(
        "--redact",
        metavar="KINDS",
        help="Keep email, phone, card, iban, key from the model, for example email,phone.",
    ),
    click.option("--priority", type=PRIORITIES, help="Which of your waiting jobs start first."),
    click.option(
        "--retention", metavar="AGE", help="How long the ended job is kept, for example 7d."
    ),
    click.option("--no-store", is_flag=True, help="Remove the result once it was read."),
)


@dataclass(frozen=True)
class SubmitOptions:
    """The values of the options."""

    key: str | None
    team: str | None
    on_behalf_of: str | None
    session: str | None
    tags: tuple[str, ...]
    model: str | None
    max_cost: float | None
    yes: bool
    cache: str | None
    redact: str | None
    priority: str | None
    retention: str | None
    no_store: bool

    def send(
        self,
        context: CommandContext,
        type: str,
        payload: Mapping[str, Any],
        *,
        silent: bool = False,
    ) -> Job:
        """Submits a job, asks for a price that needs it, and prints the estimate.

        `silent`: without a remark about the key, or an estimate of 0. Raises CommandError when the
        price is not confirmed, and the errors of the client.
        """
        key = self.key or new_key()
        if not silent:
            context.note(f"Key: {key}")
        owner, options = owner_of(self.on_behalf_of, self.team), self._options()
        fields = {"session_id": self.session, "tags": list(self.tags) or None, **owner}
        submit = partial(context.client.submit, type, payload, key=key, **fields)
        try:
            job = submit(options=options or None)
        except ValueError as error:
            raise CommandError(f"--key: {error}", INVALID) from None
        except ProblemError as problem:
            if problem.code not in (CONFIRMATION_REQUIRED, COST_CAP_EXCEEDED):
                raise
            job = submit(options=options | confirmed_options(context, problem, yes=self.yes))
        if job.reused:
            context.note("A job with this key exists already; this is that job.")
        if not silent or (job.cost or {}).get("estimate_max") != 0:
            show_estimate(context, job)
        return job

    def _options(self) -> dict[str, Any]:
        """Returns `options` of the request, without absent ones."""
        options = {
            "model": self.model,
            "max_cost": self.max_cost,
            "cache": self.cache,
            "retention": self.retention,
            "store": False if self.no_store else None,
            "redact": self.redact.split(",") if self.redact else None,
            "priority": self.priority,
        }
        return {name: value for name, value in options.items() if value is not None}


def submission_options(command: Callable[..., T]) -> Callable[..., T]:
    """Adds the options to a command, and passes it their values as `submission`."""

    def wrapper(*args: Any, **kwargs: Any) -> T:
        values = {field.name: kwargs.pop(field.name) for field in fields(SubmitOptions)}
        return command(*args, submission=SubmitOptions(**values), **kwargs)

    wrapped: Callable[..., T] = update_wrapper(wrapper, command)
    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def owner_of(user: str | None, team: str | None) -> dict[str, Any]:
    """Returns the fields of a request that name the owner of its job."""
    if user is None:
        return {"team_id": team}
    return {"on_behalf_of": {"user_id": user} | ({"team_id": team} if team else {})}
