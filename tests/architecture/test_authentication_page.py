"""docs/authentication.md lists every scope, and settings that are there."""

from loresmith.api.http.scopes import SCOPES
from loresmith.jobs.core.settings import Settings
from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs" / "authentication.md").read_text(encoding="utf-8")


def test_the_table_of_scopes_is_the_one_of_the_code() -> None:
    rows = [f"| `{name}` | {scope.role} | {scope.meaning} |" for name, scope in SCOPES.items()]
    section = PAGE.split("| scope |")[1].split("\n\n")[0]

    assert section.split("\n")[2:] == rows


def test_the_settings_of_an_identity_provider_are_ones_of_the_code() -> None:
    block = PAGE.split("## Tokens of an identity provider")[1].split("```")[1]
    values = dict(line.split("=", 1) for line in block.strip().split("\n"))

    settings = Settings.from_env(values)

    assert settings.oidc_issuer == values["LORESMITH_OIDC_ISSUER"]
    assert settings.oidc_audience == values["LORESMITH_OIDC_AUDIENCE"]
    assert settings.oidc_role_claim == values["LORESMITH_OIDC_ROLE_CLAIM"]
    assert settings.oidc_team_claim == values["LORESMITH_OIDC_TEAM_CLAIM"]
