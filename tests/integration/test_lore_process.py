"""The lore_service as a process: health, reflection, help and startup errors."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from tests.integration.lore_service_harness import LoreHarness, Service

pytestmark = pytest.mark.integration


def test_health(harness: LoreHarness) -> None:
    assert harness.service.health() == "SERVING"
    assert harness.service.health("lore.v1.LoreService") == "SERVING"


def test_reflection_on_request(harness: LoreHarness) -> None:
    """Given any gRPC tool / I expect it to find out what can be called where that is allowed."""
    request = reflection_pb2.ServerReflectionRequest(list_services="")

    def reply(service: Service) -> Any:
        stub = reflection_pb2_grpc.ServerReflectionStub(service.channel)
        [answer] = stub.ServerReflectionInfo(iter([request]), timeout=5)
        return answer

    with pytest.raises(grpc.RpcError, match="UNIMPLEMENTED"):
        reply(harness.service)
    services = reply(harness.add(LORESMITH_GRPC_REFLECTION="1")).list_services_response.service
    named = {each.name for each in services}
    assert {"lore.v1.LoreService", "grpc.health.v1.Health"} <= named


def test_help_and_startup_errors(harness: LoreHarness, tmp_path: Path) -> None:
    """Given the command line / I expect help with all settings, and errors that name one."""
    part = harness.service.part
    command = part.command

    def run(*options: str, **env: str) -> tuple[int, str]:
        part.command, log = [*command, *options], part.log
        part.log = tmp_path / "log"
        running, part.process = part.process, None
        try:
            part.start(**env)
            assert part.process
            return part.process.wait(20), part.log.read_text()
        finally:
            part.command, part.log, part.process = command, log, running

    code, text = run("--help")
    assert code == 0
    assert "OPENAI_API_KEY" in text
    assert "LORESMITH_CALL_TIMEOUT_S" in text
    code, text = run()
    assert code == 1
    assert "LORESMITH_LORE_SERVICE_ADDRESS" in text, "the port is taken: the error names it"
    code, text = run(OPENAI_BASE_URL="")
    assert "OPENAI_API_KEY" in text
    code, text = run(OPENAI_API_KEY="sk-canary\u200b")
    assert (code, "canary" in text) == (1, False)
    assert "lore_service: OPENAI_API_KEY has U+200B" in text
    code, text = run(OPENAI_BASE_URL="http://user:canary@127.0.0.1:1/v1")
    assert (code, "canary" in text) == (1, False)
    assert "lore_service: OPENAI_BASE_URL has a user name or password" in text
    providers = tmp_path / "providers.toml"
    providers.write_text('[a]\nbase_url = "http://h/v1"\nschema = "tool"')
    code, text = run(LORESMITH_PROVIDERS=str(providers))
    assert code == 1
    assert f"lore_service: {providers}: [a] schema is not a key of a provider" in text
