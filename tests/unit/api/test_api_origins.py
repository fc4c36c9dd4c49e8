"""Which web pages may call the api: its own and listed ones, whatever a browser leaves out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response

from loresmith.api.http.origins import AllowedOrigins
from loresmith.jobs.core.settings import SettingsError
from tests.unit.api.harness import ApiHarness, api_harness

LISTED = "https://app.example"
OWN = "http://127.0.0.1:8080"
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "unheard-of"},
    {"Sec-Fetch-Site": "cross-site", "Origin": OWN},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://127.0.0.1:8080"},
    {"Origin": "http://127.0.0.1:3000"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://127.0.0.1:8080.evil.example"},
    {"Origin": "https://app.example.evil.example"},
]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiHarness]:
    """An api that lists one origin."""
    with api_harness(tmp_path, cors_origins=f"{LISTED}, http://localhost:80") as harness:
        yield harness


def cancel(api: ApiHarness, job_id: str, headers: dict[str, str]) -> Response:
    return api.client.post(f"/jobs/{job_id}/cancel", headers=headers)


@pytest.mark.parametrize("headers", [*FOREIGN, {"Referer": "http://evil.example/page"}])
def test_a_page_of_another_site_changes_nothing(api: ApiHarness, headers: dict[str, str]) -> None:
    job_id = api.create()

    answer = cancel(api, job_id, headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden-origin")
    assert "LORESMITH_CORS_ORIGINS" in answer.json()["detail"]
    assert "access-control-allow-origin" not in answer.headers
    assert api.scripts.record(job_id)["status"] == "pending"


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_reads_nothing(api: ApiHarness, headers: dict[str, str]) -> None:
    answer = api.client.get(f"/jobs/{api.create()}", headers=headers)

    assert answer.status_code == 403
    assert "fantasy" not in answer.text
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://behind-a-proxy.example"},
        {"Origin": OWN},
        {"Origin": OWN.upper()},
        {"Referer": f"{OWN}/?job=x"},
    ],
)
def test_programs_and_the_servers_own_page_may(api: ApiHarness, headers: dict[str, str]) -> None:
    assert cancel(api, api.create(), headers).status_code == 200


@pytest.mark.parametrize("cookie", ["lore=x", "a=b; __Host-lore=x"])
def test_a_session_changes_nothing_from_an_unknown_page(api: ApiHarness, cookie: str) -> None:
    """Given a session and no word about its page / I expect no change; with a key, one."""
    assert cancel(api, api.create(), {"Cookie": cookie}).status_code == 403
    assert cancel(api, api.create(), {"Cookie": cookie, "Origin": OWN}).status_code == 200
    assert cancel(api, api.create(), {"Cookie": cookie, "X-API-Key": "k"}).status_code == 200
    assert api.client.get("/jobs", headers={"Cookie": cookie}).status_code == 200


def test_the_port_of_the_scheme_is_the_same_origin(api: ApiHarness) -> None:
    headers = {"Host": "localhost:80", "Origin": "http://localhost"}

    assert cancel(api, api.create(), headers).status_code == 200


def test_a_link_on_another_site_opens_a_page(api: ApiHarness) -> None:
    """Given a link in a chat / I expect it to open; a frame and a form of the site do not."""
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    assert api.client.get("/", headers=link | {"Sec-Fetch-Dest": "document"}).status_code == 200
    assert api.client.get("/", headers=link | {"Sec-Fetch-Dest": "iframe"}).status_code == 403
    posted = cancel(api, api.create(), link | {"Sec-Fetch-Dest": "document"})
    assert posted.status_code == 403


@pytest.mark.parametrize("path", ["/jobs", "/jobs/nope", "/nope"])
def test_a_listed_page_reads_responses_and_problems(api: ApiHarness, path: str) -> None:
    answer = api.client.get(path, headers={"Origin": LISTED, "Sec-Fetch-Site": "cross-site"})

    assert answer.headers["access-control-allow-origin"] == LISTED
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "Origin" in answer.headers["vary"]
    exposed = answer.headers["access-control-expose-headers"]
    assert {"Location", "Retry-After", "ETag"} < set(exposed.split(", "))


def test_a_listed_page_may_change_something(api: ApiHarness) -> None:
    headers = {"Origin": LISTED, "Sec-Fetch-Site": "cross-site"}

    assert cancel(api, api.create(), headers).status_code == 200
    assert cancel(api, api.create(), {"Origin": "http://localhost"}).status_code == 200


@pytest.mark.parametrize("path", ["/jobs", "/jobs/x/cancel", "/events", "/nope"])
def test_every_route_answers_the_preflight_of_a_listed_page(api: ApiHarness, path: str) -> None:
    answer = api.client.options(
        path,
        headers={
            "Origin": LISTED,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,idempotency-key,x-stainless-os",
        },
    )

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == LISTED
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"]
    assert allowed == "authorization,idempotency-key,x-stainless-os"
    assert int(answer.headers["access-control-max-age"]) > 0


def test_a_preflight_of_another_page_is_refused(api: ApiHarness) -> None:
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = api.client.options("/jobs", headers=headers)

    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_other_responses_depend_on_the_origin_too(api: ApiHarness) -> None:
    """Given a list / I expect Vary for everybody, so that no cache mixes the responses."""
    answer = api.get("/static/loresmith.js")

    assert answer.headers.get_list("vary") == ["Accept-Encoding", "Origin"]
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("value", ["*", "null", "app.example", "https://app.example/path", "a://"])
def test_an_origin_is_a_scheme_a_host_and_a_port(value: str) -> None:
    with pytest.raises(SettingsError, match="LORESMITH_CORS_ORIGINS"):
        AllowedOrigins(value)
