"""Job tokens over real HTTP: the example of the docs, streams, and logs."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.conftest import in_ci
from tests.integration.api_process import ROOT, Api, api, new_key
from tests.servers import redis_server

pytestmark = pytest.mark.integration

PAGE = (ROOT / "docs" / "authentication.md").read_text(encoding="utf-8")
CLIENT = (ROOT / "api" / "static" / "loresmith.js").as_uri()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, str]]:
    """An api that logs every request, and the key of its admin."""
    folder = tmp_path_factory.mktemp("tokens")
    with redis_server(folder) as server:
        key = new_key(server.url, folder)
        with api(server.url, folder, "--access-log") as process:
            yield process, key


def submitted(running: tuple[Api, str]) -> str:
    process, key = running
    return str(process.submit(Authorization=f"Bearer {key}").json["id"])


def test_the_example_of_the_page(running: tuple[Api, str]) -> None:
    """Given the back end and the browser of docs/authentication.md / I expect a cancelled job."""
    if not shutil.which("node") and not in_ci():
        pytest.skip("no node on PATH")
    process, key = running
    (block,) = re.findall(r"^```js\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    constants = {
        "URL_OF_API": f"http://127.0.0.1:{process.port}",
        "API_KEY": key,
        "JOB_ID": submitted(running),
    }
    values = "".join(f"const {name} = {value!r};\n" for name, value in constants.items())
    script = values + block.replace('"loresmith"', f'"{CLIENT}"')

    ran = subprocess.run(
        ["node", "--input-type=module"],
        input=script, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert (ran.stdout.strip(), ran.returncode) == ("cancelled", 0), ran.stderr


def test_a_stream_with_a_token_in_its_query(running: tuple[Api, str]) -> None:
    """I expect the events of the job, and no log to show the token."""
    process, key = running
    job_id = submitted(running)
    path = f"/jobs/{job_id}/token"
    token = process.ask("POST", path, Authorization=f"Bearer {key}").json["token"]

    with process.connection() as raw:
        request = f"GET /jobs/{job_id}/events?token={token}&deltas=0 HTTP/1.1\r\nHost: 127.0.0.1"
        raw.sendall(f"{request}\r\n\r\n".encode())
        received = b""
        while b'"snapshot"' not in received:
            received += raw.recv(65_536)
    assert process.ask("GET", f"/jobs/{job_id}x?token={token}").status == 404

    assert received.startswith(b"HTTP/1.1 200")
    assert f"route=/jobs/{job_id}/events " in process.log
    assert token not in process.log
