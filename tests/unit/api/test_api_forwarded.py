"""The api behind a reverse proxy: what a trusted one says counts, what others say does not."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loresmith.api.auth.start_check import warn_of_proxy
from loresmith.api.http.forwarded import ProxyHeaders
from loresmith.jobs.core.settings import Settings, SettingsError
from tests.unit.api.harness import BODY, ApiHarness, api_harness

FORWARDED = {
    "X-Forwarded-Prefix": "/lore",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "localhost:8443",
}


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[ApiHarness]:
    """An api that trusts 10.0.0.0/8, asked from 10.1.2.3."""
    trusted = "192.0.2.1, 10.0.0.0/8"
    with api_harness(tmp_path, trusted_proxies=trusted, auth="proxy") as harness:
        set_client(harness, "10.1.2.3")
        yield harness


def set_client(harness: ApiHarness, address: str) -> None:
    """Changes the address that requests come from."""
    harness.client._transport.client = (address, 50_000)  # type: ignore[attr-defined]


def test_links_have_the_prefix_of_a_trusted_proxy(behind: ApiHarness) -> None:
    answer = behind.client.post("/jobs", json=BODY, headers=FORWARDED)
    job = answer.json()
    path = f"/lore/jobs/{job['id']}"

    assert answer.headers["location"] == path
    assert job["links"] == {"self": path, "cancel": f"{path}/cancel"}
    listed = behind.client.get("/jobs?limit=1", headers=FORWARDED)
    assert listed.json()["jobs"][0]["links"]["self"] == path
    problem = behind.client.get("/nope", headers=FORWARDED).json()
    assert (problem["type"], problem["instance"]) == ("/lore/problems/not-found", "/lore/nope")


def test_a_path_that_still_has_the_prefix_is_served_too(behind: ApiHarness) -> None:
    answer = behind.client.get("/lore/jobs/nope", headers=FORWARDED)

    assert answer.json()["instance"] == "/lore/jobs/nope"
    assert answer.json()["code"] == "job-not-found"
    assert behind.client.get("/lore/healthz", headers=FORWARDED).status_code == 200


def test_the_documents_show_the_address_of_the_client(behind: ApiHarness) -> None:
    assert "https://localhost:8443/lore/jobs" in behind.client.get("/docs", headers=FORWARDED).text
    document = behind.client.get("/openapi.json", headers=FORWARDED).json()
    assert document["servers"] == [{"url": "/lore"}]


def test_what_others_send_does_not_count(behind: ApiHarness) -> None:
    set_client(behind, "203.0.113.9")

    headers = FORWARDED | {"X-Forwarded-Prefix": "//evil"}
    answer = behind.client.post("/jobs", json=BODY, headers=headers)

    assert answer.headers["location"] == f"/jobs/{answer.json()['id']}"
    assert "servers" not in behind.client.get("/openapi.json", headers=FORWARDED).json()


def test_a_host_that_a_proxy_names_must_be_accepted(behind: ApiHarness) -> None:
    headers = {"X-Forwarded-Host": "lore.example"}

    assert behind.client.get("/healthz", headers=headers).json()["code"] == "wrong-host"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-Prefix", "lore"),
        ("X-Forwarded-Prefix", "//evil.example"),
        ("X-Forwarded-Prefix", "/a/../b"),
        ("X-Forwarded-Prefix", "/<script>"),
        ("X-Forwarded-Prefix", "/%2e"),
        ("X-Forwarded-Proto", "javascript"),
        ("X-Forwarded-Host", "a b"),
        ("X-Forwarded-Host", "evil/@x"),
    ],
)
def test_garbage_of_a_proxy_is_named(behind: ApiHarness, name: str, value: str) -> None:
    answer = behind.client.get("/healthz", headers={name: value})

    assert (answer.status_code, answer.json()["errors"][0]["header"]) == (400, name)


def test_the_last_proxy_of_a_chain_counts(behind: ApiHarness) -> None:
    headers = {"X-Forwarded-Prefix": "/spoofed, /lore"}

    answer = behind.client.get("/jobs/nope", headers=headers)

    assert answer.json()["instance"] == "/lore/jobs/nope"


def test_a_root_path_of_the_settings_needs_no_header(tmp_path: Path) -> None:
    with api_harness(tmp_path, root_path="/deep/lore/", auth="proxy") as api:
        answer = api.submit()
        assert answer.headers["location"] == f"/deep/lore/jobs/{answer.json()['id']}"
        assert api.get(answer.headers["location"]).status_code == 200
        assert api.get(f"/jobs/{answer.json()['id']}").status_code == 200


@pytest.mark.parametrize("value", ["localhost", "10.0.0.0/99", "*"])
def test_a_proxy_is_an_address_or_a_network(value: str) -> None:
    with pytest.raises(SettingsError, match="LORESMITH_TRUSTED_PROXIES"):
        ProxyHeaders(value)


@pytest.mark.parametrize("value", ["lore", "/lore?x", "/../x", "/lore//x"])
def test_a_root_path_is_a_path(value: str) -> None:
    with pytest.raises(SettingsError, match="LORESMITH_ROOT_PATH"):
        Settings.from_env({"LORESMITH_ROOT_PATH": value})


def test_the_path_of_the_page_gets_its_slash(tmp_path: Path, behind: ApiHarness) -> None:
    """Given the prefix alone / I expect a redirect: links of the page are relative."""
    with api_harness(tmp_path, root_path="/deep/lore", auth="proxy") as api:
        answer = api.client.get("/deep/lore?job=x", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (308, "/deep/lore/?job=x")
        assert api.get("/deep/lore").status_code == 200

    answer = behind.client.get("/lore", headers=FORWARDED, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, "/lore/")


@pytest.mark.parametrize(
    ("sent", "client"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["203.0.113.9:4711"], "203.0.113.9"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["2001:db8::1"], "2001:db8::1"),
        (["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (["198.51.100.1", "203.0.113.9, 192.0.2.1, 10.9.9.9"], "203.0.113.9"),
        (["10.7.7.7, 10.9.9.9"], "10.7.7.7"),
        (["<script>"], "10.1.2.3"),
        (["203.0.113.9, unknown"], "10.1.2.3"),
        ([""], "10.1.2.3"),
        ([], "10.1.2.3"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy_of_ours(
    sent: list[str], client: str
) -> None:
    """Given what a client has invented before what our proxies added / I expect the latter."""
    headers = [(b"x-forwarded-for", value.encode()) for value in sent]
    scope = {"type": "http", "client": ("10.1.2.3", 50_000), "scheme": "http", "headers": headers}

    ProxyHeaders("192.0.2.1, 10.0.0.0/8").apply(scope)

    assert scope["client"][0] == client


def test_failed_logins_count_for_the_address_behind_the_proxy(tmp_path: Path) -> None:
    """Given ten wrong keys of one client of a proxy / I expect another one not to be limited."""
    with api_harness(tmp_path, trusted_proxies="10.0.0.0/8", auth="required") as api:
        set_client(api, "10.1.2.3")

        def status(address: str) -> int:
            headers = {"Authorization": "Bearer wrong", "X-Forwarded-For": f"1.1.1.1, {address}"}
            return api.client.get("/jobs", headers=headers).status_code

        assert [status("203.0.113.9") for _ in range(11)][-1] == 429
        assert status("203.0.113.10") == 401
        set_client(api, "203.0.113.77")
        assert [status(f"198.51.100.{i}") for i in range(11)][-1] == 429, "no proxy of ours"


@pytest.mark.parametrize(
    "header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP"]
)
def test_who_comes_through_a_proxy_is_not_the_local_admin(api: ApiHarness, header: str) -> None:
    """Given a server on loopback without keys, and a proxy that it does not know of / I expect a
    credential to be demanded through it, and the answer to say how to get one.
    """
    reply = api.get("/jobs", **{header: "for=203.0.113.9"})

    assert (reply.status_code, api.get("/jobs").status_code) == (401, 200)
    assert "--direct" in reply.json()["detail"]
    assert api.get("/session", **{header: "1.1"}).json()["login_required"]
    key = api.new_key()
    assert api.get("/jobs", **{header: "1", "Authorization": f"Bearer {key}"}).status_code == 200


@pytest.mark.parametrize("option", [{"trusted_proxies": "10.0.0.0/8"}, {"root_path": "/lore"}])
def test_a_configured_proxy_closes_the_server(tmp_path: Path, option: dict[str, str]) -> None:
    """Also to requests that do not show it: the proxy may add no header."""
    with api_harness(tmp_path, **option) as closed:
        assert closed.get("/jobs").status_code == 401
    with api_harness(tmp_path, auth="proxy", **option) as trusting:
        forwarded = {"X-Forwarded-For": "203.0.113.9"}
        assert trusting.get("/jobs", **forwarded).status_code == 200
        trusting.post("/keys", {"name": "first", "role": "admin"})
        assert trusting.get("/jobs", **forwarded).status_code == 401


@pytest.mark.parametrize(
    ("option", "warns"),
    [
        ({"root_path": "/lore"}, True),
        ({"trusted_proxies": "10.0.0.1"}, True),
        ({"root_path": "/lore", "auth": "proxy"}, False),
        (
            {"root_path": "/lore", "oidc_issuer": "https://login.example", "oidc_audience": "x"},
            False,
        ),
        ({}, False),
    ],
)
def test_the_start_says_that_a_proxy_needs_a_key(
    option: dict[str, str],
    warns: bool,
    monkeypatch: pytest.MonkeyPatch,
    log_lines: Callable[[], list[str]],
) -> None:
    async def any_key(_: Settings) -> bool:
        return False

    monkeypatch.setattr("loresmith.api.auth.start_check._any_key", any_key)

    warn_of_proxy(Settings(**option))

    assert len([line for line in log_lines() if "--direct" in line]) == warns
