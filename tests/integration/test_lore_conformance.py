"""`loresmith doctor --provider`: what servers honour, as a program and as a command."""

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import CertificateAuthority
from tests.integration.offline_process import offline_model
from tests.integration.provider_server import ProviderServer, running
from tests.servers import free_port
from tests.stack import ROOT

pytestmark = pytest.mark.integration

FITS = json.dumps({"code": "qz-73", "waves": 3})
PROSE = "The sea is wide, " * 20
KEY = "sk-conformance-0123456789"


def doctor(*words: str, stdin: str | None = None, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-P", "-m", "loresmith", "doctor", *words]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env}
    text = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
    return subprocess.run(command, env=environment, capture_output=True, text=True, **text)  # type: ignore[call-overload,no-any-return]


def outcomes(address: str, *words: str, **env: str) -> dict[str, str]:
    done = doctor("--base-url", address, "--model", "m-1", "--yes", "--json", *words, **env)
    checks: dict[str, Any] = json.loads(done.stdout)["checks"]
    return {name: check["outcome"] for name, check in checks.items()}


def address(server: ProviderServer) -> str:
    return f"http://127.0.0.1:{server.port}/v1"


def refuse_what_is_new(body: Mapping[str, Any]) -> tuple[int, str] | None:
    """Rejects as an old server does."""
    if "max_completion_tokens" in body:
        return 400, "max_completion_tokens: extra fields not permitted"
    if "json_schema" in json.dumps(body.get("response_format", "")):
        return 400, "response_format: json_schema is not supported"
    if body.get("model") == "loresmith-no-such-model":
        return 404, "The model does not exist"
    return None


def test_the_offline_model() -> None:
    """Given the offline model / I expect the outcomes that docs/providers.md shows."""
    page = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    shown = page.split("## Checking a provider")[1].split("```")[1]
    with offline_model("--seconds", "0") as model:
        done = doctor("--base-url", f"{model.url}/v1", "--model", "offline-lore-1", "--json")

    report = json.loads(done.stdout)
    checks = report["checks"]
    assert done.returncode == 0, done.stderr
    assert "they cost nothing" in done.stderr
    assert len(checks) == 16
    for name, check in checks.items():
        assert f"\n{name:<28} {check['outcome']}" in shown, name
    assert report["schema_mode"] == "json_schema"
    assert report["requests"] == 11


def test_a_server_that_knows_little() -> None:
    """Given a server that rejects json_schema and the new parameter, and ignores guided_json / I
    expect the table to say so, and the providers file to be advised to use tools.
    """
    server = ProviderServer(
        refuse_what_is_new, text=FITS, plain_text=PROSE, knows=("tools",), piece_length=20
    )
    with running(server):
        done = doctor("--base-url", address(server), "--model", "m-1", "--yes")

    assert done.returncode == 0, done.stderr
    lines = {line[:28].strip(): line[29:].split("  ")[0] for line in done.stdout.splitlines()}
    assert lines["limit: max_completion_tokens"] == "rejected"
    assert lines["limit: max_tokens"] == "not visible"  # the usage it reports is small
    assert lines["usage in streams"] == "yes"
    assert lines["schema: json_schema"] == "rejected"
    assert lines["schema: tool"] == "yes"
    assert lines["schema: guided_json"] == "ignored"
    assert lines["schema: json_object"] == "ignored"
    assert lines["schema: prompt"] == "no"
    assert lines["tools"] == "yes"
    assert lines["missing model refused"] == "yes"
    assert lines["background responses"] == "ignored"
    assert '  schema_mode = "tool"' in done.stdout
    assert '  max_tokens_parameter = "max_tokens"' in done.stdout


def test_a_server_that_fits_no_answer_to_a_schema() -> None:
    server = ProviderServer(text=PROSE)
    with running(server):
        done = doctor("--base-url", address(server), "--model", "m-1", "--yes")

    assert done.returncode == 1
    assert "Jobs cannot use this model" in done.stdout


def test_stream_options_are_left_out_where_they_are_rejected() -> None:
    def reject(body: Mapping[str, Any]) -> tuple[int, str] | None:
        return (400, "stream_options is unknown") if "stream_options" in body else None

    with running(ProviderServer(reject, text=FITS)) as server:
        outcome = outcomes(address(server))

    assert outcome["usage in streams"] == "yes"  # it reports it all the same
    assert outcome["schema: json_schema"] == "yes"


def test_a_refused_key() -> None:
    """Given a server that repeats the refused key / I expect one request, and no key in a text."""
    server = ProviderServer(lambda _: (401, f"Incorrect API key provided: {KEY}"))
    with running(server):
        words = ("--base-url", address(server), "--model", "m-1", "--yes", "--key-env", "MY_KEY")
        done = doctor(*words, MY_KEY=KEY)

    assert done.returncode == 1
    assert "answered 401" in done.stderr
    assert "Check the key" in done.stderr
    assert KEY not in done.stdout + done.stderr
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert len(server.requests) == 1


def test_an_address_of_the_command_line_gets_no_key_of_a_setting() -> None:
    with running(ProviderServer(text=FITS)) as server:
        outcomes(address(server), OPENAI_API_KEY=KEY, LORESMITH_PROVIDERS="/missing.toml")

    assert {each.headers["authorization"] for each in server.requests} == {"Bearer none"}


def test_no_server() -> None:
    done = doctor("--base-url", f"http://127.0.0.1:{free_port()}/v1", "--model", "m", "--yes")

    assert done.returncode == 3
    assert "does not accept connections" in done.stderr


def test_an_untrusted_certificate(tmp_path: Path) -> None:
    issued = CertificateAuthority(tmp_path).issue("server")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(issued.certificate, issued.key)
    with running(ProviderServer(text=FITS), tls) as server:
        url = f"https://localhost:{server.port}/v1"
        done = doctor("--base-url", url, "--model", "m", "--yes")

    assert done.returncode == 3
    assert "certificate is not valid" in done.stderr
    assert server.requests == []


def test_a_provider_of_the_file(tmp_path: Path) -> None:
    """Given a provider with prices / I expect the cost before anything is sent, and the requests
    only after a confirmation.
    """
    with running(ProviderServer(text=FITS)) as server:
        env = {
            "LORESMITH_PROVIDERS": str(tmp_path / "p.toml"),
            "PAID_KEY": KEY,
            "LORESMITH_MODEL": "m-1",
        }
        (tmp_path / "p.toml").write_text(
            f'[paid]\nbase_url = "{address(server)}"\nkey_env = "PAID_KEY"\nmodels = ["m-1"]\n'
            "[paid.prices.m-1]\ninput_per_mtok = 1\noutput_per_mtok = 2\n"
        )
        unconfirmed = doctor("--provider", "paid", **env)
        sent = len(server.requests)
        confirmed = doctor("--provider", "paid", "--yes", "--json", **env)
        unknown = doctor("--provider", "piad", "--yes", **env)

    assert (unconfirmed.returncode, sent) == (2, 0)
    assert "at most $0.0196" in unconfirmed.stderr
    assert "--yes" in unconfirmed.stderr
    assert confirmed.returncode == 0, confirmed.stderr
    assert json.loads(confirmed.stdout)["provider"] == "paid"
    assert server.requests[1].body["model"] == "m-1"
    assert unknown.returncode == 2
    assert "the providers are: paid" in unknown.stderr
