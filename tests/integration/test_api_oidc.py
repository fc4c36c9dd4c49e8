"""Bearer tokens of an identity provider, checked over real HTTP."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from joserfc.jwk import RSAKey

from tests.identity_provider import AUDIENCE, KEYS, FakeIdentityProvider, identity_provider
from tests.unit.api.harness import ApiHarness, api_harness

pytestmark = pytest.mark.integration


@pytest.fixture
def provider() -> Iterator[FakeIdentityProvider]:
    with identity_provider() as running:
        yield running


def settings_of(provider: FakeIdentityProvider, **more: str) -> dict[str, str]:
    return {"oidc_issuer": provider.url, "oidc_audience": AUDIENCE} | more


@pytest.fixture
def api(tmp_path: Path, provider: FakeIdentityProvider) -> Iterator[ApiHarness]:
    claims = {"oidc_role_claim": "realm_access.roles", "oidc_team_claim": "team"}
    with api_harness(tmp_path, **settings_of(provider, **claims)) as harness:
        yield harness


def ask(api: ApiHarness, token: str, path: str = "/jobs") -> Response:
    return api.get(path, Authorization=f"Bearer {token}")


def roles(*names: str) -> dict[str, Any]:
    return {"realm_access": {"roles": list(names)}}


@pytest.mark.parametrize("alg", KEYS)
def test_a_token_of_each_algorithm_counts(
    api: ApiHarness, provider: FakeIdentityProvider, alg: str
) -> None:
    assert ask(api, provider.token(alg, **roles("member"))).status_code == 200


def test_without_a_token_nothing_is_answered(api: ApiHarness) -> None:
    assert api.get("/jobs").status_code == 401


def test_a_job_belongs_to_the_subject_and_its_team(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    token = provider.token(team=["acme", "other"], **roles("loresmith-member"))

    job = api.submit(Authorization=f"Bearer {token}").json()

    record = api.scripts.redis.hgetall(f"job:{job['id']}")
    assert (record["user_id"], record["team_id"]) == ("ann", "acme")


@pytest.mark.parametrize(
    ("names", "status"), [(["viewer"], 403), (["x", "admin", "viewer"], 200), (["member"], 403)]
)
def test_the_most_powerful_role_counts(
    api: ApiHarness, provider: FakeIdentityProvider, names: list[str], status: int
) -> None:
    assert ask(api, provider.token(**roles(*names)), "/keys").status_code == status


def test_a_token_without_a_role_is_refused(api: ApiHarness, provider: FakeIdentityProvider) -> None:
    answer = ask(api, provider.token(**roles("owner")))

    assert answer.status_code == 403
    assert "realm_access.roles" in answer.json()["detail"]


def test_without_a_role_claim_everybody_is_a_member(
    tmp_path: Path, provider: FakeIdentityProvider
) -> None:
    with api_harness(tmp_path, **settings_of(provider)) as api:
        token = provider.token(**roles("admin"))

        assert ask(api, token).status_code == 200
        assert ask(api, token, "/keys").status_code == 403


def unsigned(provider: FakeIdentityProvider) -> str:
    head = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"  # {"alg":"none","typ":"JWT"}
    return f"{head}.{provider.token().split('.')[1]}."


def signed_with_the_public_key(provider: FakeIdentityProvider) -> str:
    """Takes the published key for the secret of an HMAC."""
    header = json.dumps({"alg": "HS256", "kid": "rsa", "typ": "JWT"}).encode()
    text = f"{encoded(header)}.{provider.token().split('.')[1]}"
    secret = KEYS["RS256"].as_pem(private=False)
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256'))}"


def encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def with_another_signature(provider: FakeIdentityProvider) -> str:
    stranger = RSAKey.generate_key(2048, {"kid": "rsa"})
    return provider.token(key=stranger)


def with_an_own_key(provider: FakeIdentityProvider) -> str:
    stranger = RSAKey.generate_key(2048, {"kid": "rsa"})
    return provider.token(key=stranger, header={"jwk": stranger.as_dict(private=False)})


NOW = int(time.time())
HOSTILE: dict[str, Callable[[FakeIdentityProvider], str]] = {
    "alg none": unsigned,
    "HS256 with the public key": signed_with_the_public_key,
    "signed by a stranger": with_another_signature,
    "a key in its header": with_an_own_key,
    "another algorithm than its key": lambda p: p.token("ES256", header={"kid": "rsa"}),
    "unknown key": lambda p: p.token(header={"kid": "nobody"}),
    "critical header": lambda p: p.token(header={"crit": ["b64"], "b64": True}),
    "another audience": lambda p: p.token(aud="other"),
    "no audience": lambda p: p.token(aud=None),
    "another issuer": lambda p: p.token(iss="https://evil.example"),
    "no issuer": lambda p: p.token(iss=None),
    "expired": lambda p: p.token(exp=NOW - 120),
    "no expiry": lambda p: p.token(exp=None),
    "an expiry that is a text": lambda p: p.token(exp="never"),
    "not valid yet": lambda p: p.token(nbf=NOW + 3600),
    "no subject": lambda p: p.token(sub=None),
    "empty subject": lambda p: p.token(sub=""),
    "a subject with a line break": lambda p: p.token(sub="a\nb"),
    "a number as subject": lambda p: p.token(sub=7),
    "huge": lambda p: p.token(padding="x" * 20_000),
    "no token at all": lambda p: "a.b.c",
    "deeply nested header": lambda p: "W1tb" * 5_000 + ".x.y",
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_token_is_refused(
    api: ApiHarness, provider: FakeIdentityProvider, hostile: Callable[[FakeIdentityProvider], str]
) -> None:
    token = hostile(provider)
    answer = ask(api, token)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert token not in answer.text


def test_clocks_may_differ_by_a_minute(api: ApiHarness, provider: FakeIdentityProvider) -> None:
    now = int(time.time())
    token = provider.token(exp=now - 30, nbf=now + 30, **roles("member"))

    assert ask(api, token).status_code == 200


def test_while_the_provider_is_away_nobody_is_let_in(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    provider.away = True

    answer = ask(api, provider.token(**roles("admin")))

    assert answer.status_code == 503
    assert "use an API key" in answer.json()["detail"]


def test_known_keys_go_on_working_while_the_provider_is_away(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    ask(api, provider.token(**roles("member")))
    provider.away = True

    assert ask(api, provider.token(**roles("member"))).status_code == 200


def test_unknown_keys_do_not_make_the_server_ask_again_and_again(
    api: ApiHarness, provider: FakeIdentityProvider
) -> None:
    for number in range(5):
        ask(api, provider.token(header={"kid": f"unknown-{number}"}))

    assert provider.requests == ["/.well-known/openid-configuration", "/keys"]
