"""Settings of the identity provider, and of browser sessions."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel

from loresmith.jobs.core.settings.checks import SettingsError, issuer_address
from loresmith.jobs.core.settings.row import setting


class SignInSettings(BaseModel):
    """The rows of LORESMITH_OIDC_* and LORESMITH_SESSION_S."""

    oidc_issuer: Annotated[str, AfterValidator(issuer_address)] = setting(
        "LORESMITH_OIDC_ISSUER",
        "",
        "issuer of the tokens that the api accepts; see docs/authentication.md",
    )
    oidc_audience: str = setting(
        "LORESMITH_OIDC_AUDIENCE", "", "audience that such a token must have"
    )
    oidc_role_claim: str = setting(
        "LORESMITH_OIDC_ROLE_CLAIM",
        "",
        "claim with the role, for example `realm_access.roles`; empty: everybody is a member",
    )
    oidc_team_claim: str = setting("LORESMITH_OIDC_TEAM_CLAIM", "", "claim with the team")

    oidc_client_id: str = setting(
        "LORESMITH_OIDC_CLIENT_ID", "", "client of the page at the provider, for its log-in"
    )
    oidc_client_secret: str = setting(
        "LORESMITH_OIDC_CLIENT_SECRET", "", "secret of that client, if it has one", repr=False
    )
    session_s: int = setting(
        "LORESMITH_SESSION_S",
        43_200,
        "seconds until the page asks for another log-in",
        ge=60,
        le=2_592_000,
    )

    def check_sign_in(self) -> None:
        """Raises SettingsError for an issuer without an audience."""
        if self.oidc_issuer and not self.oidc_audience:
            raise SettingsError(
                "LORESMITH_OIDC_ISSUER is set without LORESMITH_OIDC_AUDIENCE; set the audience, "
                "or tokens for other servers would count here"
            )
