"""Tells which user and team own a new job: those of the principal, or whom it acts for."""

from collections.abc import Iterator
from dataclasses import dataclass

from loresmith.api.http.problems import Problem, body_error
from loresmith.api.schemas.requests import NewJob
from loresmith.jobs.core.principal import Principal


@dataclass(frozen=True)
class Owner:
    """The user and the team of a job."""

    user_id: str
    team_id: str | None


@dataclass(frozen=True)
class _NamedOwner:
    """A field of the body that names a user or a team."""

    location: tuple[str, ...]
    value: str


def owner_of(request: NewJob, principal: Principal) -> Owner:
    """Returns the owner of a new job. Raises Problem when the body names another one whom the
    principal does not act for, or two different ones.
    """
    user, team = _one(_users(request)), _one(_teams(request))
    if not principal.acts_for_others:
        _require_own(user, principal.user_id, "user")
        _require_own(team, principal.team_id, "team")
        if request.on_behalf_of:
            raise _not_allowed(("on_behalf_of",), "needs the scope on-behalf-of")
    return Owner(
        user.value if user else principal.user_id, team.value if team else principal.team_id
    )


def _users(request: NewJob) -> Iterator[_NamedOwner]:
    if request.on_behalf_of:
        yield _NamedOwner(("on_behalf_of", "user_id"), request.on_behalf_of.user_id)
    if user_id := getattr(request.payload, "user_id", None):
        yield _NamedOwner(("payload", "user_id"), user_id)


def _teams(request: NewJob) -> Iterator[_NamedOwner]:
    if request.on_behalf_of and request.on_behalf_of.team_id:
        yield _NamedOwner(("on_behalf_of", "team_id"), request.on_behalf_of.team_id)
    if request.team_id:
        yield _NamedOwner(("team_id",), request.team_id)


def _one(named: Iterator[_NamedOwner]) -> _NamedOwner | None:
    """Returns the first of the fields, which all name the same owner. Raises Problem."""
    first = next(named, None)
    for other in named:
        if first and other.value != first.value:
            detail = "The fields name different owners; send on_behalf_of only."
            error = body_error(other.location, f"differs from {'.'.join(first.location)}")
            raise Problem("conflicting-fields", detail, errors=[error])
    return first


def _require_own(named: _NamedOwner | None, own: str | None, word: str) -> None:
    if named and named.value != own:
        raise _not_allowed(named.location, f"names another {word} than that of your credential")


def _not_allowed(location: tuple[str, ...], detail: str) -> Problem:
    return Problem(
        "forbidden",
        f"{'.'.join(location)} {detail}. Leave it out, or use a credential with the scope "
        "on-behalf-of.",
        errors=[body_error(location, detail)],
    )
