"""The log-in of the page at an identity provider: code, PKCE, state and nonce."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from httpx2 import Response

from loresmith.api.auth.oidc_login import LoginAttempt
from loresmith.api.auth.start_check import check_credentials
from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.store import keys
from tests.identity_provider import AUDIENCE, FakeIdentityProvider, identity_provider
from tests.unit.api.credentials import bearer
from tests.unit.api.harness import ApiHarness, api_harness

pytestmark = pytest.mark.integration

CLIENT = "lore-page"


@pytest.fixture
def provider() -> Iterator[FakeIdentityProvider]:
    with identity_provider() as running:
        yield running


def settings_of(provider: FakeIdentityProvider, **more: str) -> dict[str, str]:
    names = {"oidc_issuer": provider.url, "oidc_audience": AUDIENCE, "oidc_client_id": CLIENT}
    return names | {"oidc_role_claim": "role", "oidc_team_claim": "team"} | more


@pytest.fixture
def api(tmp_path: Path, provider: FakeIdentityProvider) -> Iterator[ApiHarness]:
    provider.claims = {"role": "member", "team": "acme"}
    with api_harness(tmp_path, **settings_of(provider)) as harness:
        harness.client.follow_redirects = False
        yield harness


def begin(api: ApiHarness, page: str = "") -> dict[str, str]:
    """Returns what the browser brings to the provider."""
    reply = api.client.get("/session/oidc", params={"return": page})
    assert reply.status_code == 303, reply.text
    return dict(parse_qsl(urlsplit(reply.headers["location"]).query))


def come_back(api: ApiHarness, answer: str) -> Response:
    parts = urlsplit(answer)
    return api.client.get(f"{parts.path}?{parts.query}")


def error_of(reply: Response) -> str:
    """Returns what the page is told, and checks that there is no session."""
    assert reply.status_code == 303
    assert "lore=" not in reply.headers.get("set-cookie", "").replace("lore-oidc=", "")
    location = reply.headers["location"]
    assert location.startswith("/?login_error=")
    return parse_qs(urlsplit(location).query)["login_error"][0]


@pytest.mark.parametrize("secret", ["", "s3cret:+"])
def test_a_user_logs_in(tmp_path: Path, provider: FakeIdentityProvider, secret: str) -> None:
    """I expect a session with the user, team and role of the ID token, and the page as it was."""
    provider.claims = {"role": "loresmith-admin", "team": "acme"}
    with api_harness(tmp_path, **settings_of(provider, oidc_client_secret=secret)) as api:
        api.client.follow_redirects = False
        assert api.get("/session").json()["login_methods"] == ["key", "oidc"]
        query = begin(api, "?job=7&tab=json")
        assert (query["client_id"], query["code_challenge_method"]) == (CLIENT, "S256")
        assert query["redirect_uri"] == "http://127.0.0.1:8080/session/oidc/callback"

        reply = come_back(api, provider.authorize(query))

        assert (reply.status_code, reply.headers["location"]) == (303, "/?job=7&tab=json")
        shown = api.get("/session").json()
        assert shown["principal"] | {"scopes": []} == {
            "id": "oidc:ann", "name": "Ann Example", "user_id": "ann", "team_id": "acme",
            "role": "admin", "scopes": [],
        }  # fmt: skip
        assert api.get("/keys").status_code == 200
        (entry,) = [fields for _, fields in api.scripts.redis.xrange(keys.AUDIT_OUTBOX)]
        assert (entry["actor"], entry["action"]) == ("oidc:ann", "session.login")


def test_the_cookie_of_an_attempt_comes_back_from_the_provider(api: ApiHarness) -> None:
    cookie = api.client.get("/session/oidc").headers["set-cookie"].lower()

    assert cookie.startswith("lore-oidc=")
    assert {"httponly", "samesite=lax", "max-age=600"} <= set(cookie.split("; "))


def test_another_state_is_refused(api: ApiHarness, provider: FakeIdentityProvider) -> None:
    """Given the link of an attacker's own log-in (login CSRF) / I expect no session, and its code
    not to be used.
    """
    answer = provider.authorize(begin(api))
    begin(api)

    assert error_of(come_back(api, answer)) == "state"
    assert len(provider.codes) == 1


def test_without_the_cookie_of_the_attempt_nothing_counts(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    answer = provider.authorize(begin(api))
    for cookie in ("", "garbage", "e30="):
        api.client.cookies.clear()
        if cookie:
            api.client.cookies.set("lore-oidc", cookie)

        assert error_of(come_back(api, answer)) == "state"


def test_a_replayed_code_is_refused(api: ApiHarness, provider: FakeIdentityProvider) -> None:
    """Given the address of a log-in that has succeeded / I expect it to be worth nothing, also with
    the cookie of its attempt.
    """
    query = begin(api)
    attempt = api.client.cookies["lore-oidc"]
    answer = provider.authorize(query)
    assert come_back(api, answer).headers["location"] == "/"
    api.client.cookies.clear()

    assert error_of(come_back(api, answer)) == "state"
    api.client.cookies.set("lore-oidc", attempt)
    assert error_of(come_back(api, answer)) == "token"


NOT_OURS: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "the audience of another client": {"aud": "other"},
    "for another client": {"aud": [CLIENT, "other"], "azp": "other"},
    "another issuer": {"iss": "https://evil.example"},
    "expired": {"exp": 1},
}


@pytest.mark.parametrize("claims", NOT_OURS.values(), ids=list(NOT_OURS))
def test_an_id_token_that_is_not_ours_is_refused(
    api: ApiHarness, provider: FakeIdentityProvider, claims: dict[str, Any]
) -> None:
    provider.claims |= claims

    assert error_of(come_back(api, provider.authorize(begin(api)))) == "token"


def test_a_code_of_another_client_is_refused(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    """Also one of another verifier, and of another address."""
    for change in (
        {"client_id": "other"}, {"code_challenge": "x"}, {"redirect_uri": "http://127.0.0.1/x"},
    ):  # fmt: skip
        answer = provider.authorize(query := begin(api))
        provider.codes[next(iter(provider.codes))] = query | change

        assert error_of(come_back(api, answer)) == "token"
        assert provider.codes == {}


def test_an_answer_of_another_provider_is_refused(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    answer = provider.authorize(begin(api)).replace("iss=", "iss=https%3A%2F%2Fevil.example%2F")

    assert error_of(come_back(api, answer)) == "state"


def test_a_user_who_declines_is_told_so(api: ApiHarness) -> None:
    state = begin(api)["state"]

    reply = api.get(f"/session/oidc/callback?error=access_denied&state={state}")

    assert error_of(reply) == "denied"


def test_a_user_without_a_role_gets_no_session(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    provider.claims = {"role": "guest"}

    assert error_of(come_back(api, provider.authorize(begin(api)))) == "role"


@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)",
        "?a\r\nSet-Cookie: x", "\\?x", " ?x",
    ],
)  # fmt: skip
def test_a_log_in_leads_to_no_other_site(
    api: ApiHarness, provider: FakeIdentityProvider, page: str
) -> None:
    reply = come_back(api, provider.authorize(begin(api, page)))

    assert reply.headers["location"] == "/"


def test_a_forged_cookie_leads_to_no_other_site(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    attempt = LoginAttempt.begin("").model_copy(update={"page_query": "//evil.example"})
    query = begin(api) | {"state": attempt.state, "nonce": attempt.nonce}
    query["code_challenge"] = attempt.challenge
    api.client.cookies.clear()
    api.client.cookies.set("lore-oidc", attempt.to_cookie())

    assert come_back(api, provider.authorize(query)).headers["location"] == "/"


def test_while_the_provider_is_away_the_page_says_so(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    provider.away = True

    assert error_of(api.get("/session/oidc")) == "provider"
    assert api.get("/jobs", Authorization=bearer(api.new_key())["Authorization"]).is_success


def test_a_session_of_another_provider_does_not_count(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    """Given a session / when another provider is configured / I expect it to be over."""
    come_back(api, provider.authorize(begin(api)))
    assert api.get("/jobs").status_code == 200
    (name,) = api.scripts.redis.keys("session:*")
    text = api.scripts.redis.get(name).replace(provider.url, "https://other.example")
    api.scripts.redis.set(name, text)

    assert api.get("/jobs").status_code == 401


def test_a_provider_is_the_set_up_of_a_public_server(
    provider: FakeIdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a provider, and no key / I expect a public server to start; also while the provider is
    away, with a warning.
    """
    nowhere = {"redis_url": "redis://127.0.0.1:9/0"}
    settings = Settings(**settings_of(provider), **nowhere)
    check_credentials(settings)
    assert caplog.text == ""

    provider.away = True
    check_credentials(settings)

    assert provider.url in caplog.text
    with pytest.raises(SettingsError, match="AUDIENCE"):
        Settings(**settings_of(provider, oidc_audience="")).check_sign_in()
