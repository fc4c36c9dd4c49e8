"""Who may talk to a lore_service: the shared token, TLS, and certificates of clients."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import grpc
import pytest

from loresmith.api.services.health_checks import LoreServiceProbe
from loresmith.jobs.core.settings.connection import ConnectionSettings
from loresmith.protos.connection import LoreServiceConnection
from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.protos.lore.v1 import lore_pb2_grpc
from tests.certificates import Certificate, CertificateAuthority
from tests.integration.lore_service_harness import LoreHarness, Service

pytestmark = pytest.mark.integration

TOKEN = "canary-token-0123456789abcdef"
PREFIX = "LORESMITH_LORE_SERVICE"
LORE_SERVICE_ENV = {f"{PREFIX}_TOKEN": TOKEN, "GRPC_VERBOSITY": "debug"}


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("certificates"))


def connection(service: Service, token: str = "", **files: Path) -> LoreServiceConnection:
    settings = ConnectionSettings.model_validate(
        {f"{PREFIX}_TLS_{name.upper()}": str(path) for name, path in files.items()}
    )
    return LoreServiceConnection(f"127.0.0.1:{service.port}", token, settings.client_tls())


def lookup(connection: LoreServiceConnection) -> grpc.StatusCode:
    """Asks for a call that nobody has made; returns the status."""

    async def ask() -> grpc.StatusCode:
        async with connection.open() as channel:
            stub = lore_pb2_grpc.LoreServiceStub(channel)
            request = pb.LookupRequest(call_id="nobody/step/0")
            try:
                await stub.Lookup(request, timeout=5, metadata=connection.metadata)
            except grpc.aio.AioRpcError as error:
                return error.code()
            return grpc.StatusCode.OK

    return asyncio.run(ask())


def health(connection: LoreServiceConnection) -> str:
    async def ask() -> str:
        probe = LoreServiceProbe(connection)
        try:
            return (await probe.check()).detail
        finally:
            await probe.close()

    return asyncio.run(ask())


@pytest.mark.parametrize("token", ["", "wrong-token-0123456789", TOKEN[:-1], TOKEN + "x"])
def test_a_stranger_is_refused_before_its_request_is_read(harness: LoreHarness, token: str) -> None:
    """Given every method of the service / I expect UNAUTHENTICATED without the token."""
    service = harness.service

    assert lookup(connection(service, token)) is grpc.StatusCode.UNAUTHENTICATED
    metadata = connection(service, token).metadata
    for method in pb.DESCRIPTOR.services_by_name["LoreService"].methods_by_name:
        call = service.channel.unary_unary(f"/lore.v1.LoreService/{method}")
        with pytest.raises(grpc.RpcError) as caught:
            call(b"no message of ours", timeout=5, metadata=metadata)
        error: Any = caught.value
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED, method


def test_the_token_lets_in_and_health_needs_none(harness: LoreHarness) -> None:
    service = harness.service

    assert lookup(connection(service, TOKEN)) is grpc.StatusCode.OK
    assert service.health() == "SERVING", "without a token, as Kubernetes asks"
    assert health(connection(service, TOKEN)) == "serving"
    assert "refuses our LORESMITH_LORE_SERVICE_TOKEN" in health(connection(service, "x" * 20))
    assert TOKEN not in service.part.log.read_text()


def test_tls_and_certificates_of_clients(harness: LoreHarness, ca: CertificateAuthority) -> None:
    """Given a server that demands certificates / I expect only those of its CA to get through."""
    server, client = ca.issue("server"), ca.issue("client")
    stranger_ca = CertificateAuthority(ca.certificate.parent, "stranger-ca")
    stranger = stranger_ca.issue("stranger")
    tls = {
        f"{PREFIX}_TLS_CERT": str(server.certificate),
        f"{PREFIX}_TLS_KEY": str(server.key),
        f"{PREFIX}_TLS_CA": str(ca.certificate),
        f"{PREFIX}_TOKEN": "",
    }
    service = harness.add(**tls)

    def connected(own: Certificate | None, authority: CertificateAuthority) -> grpc.StatusCode:
        files = {"cert": own.certificate, "key": own.key} if own else {}
        return lookup(connection(service, ca=authority.certificate, **files))

    assert connected(client, ca) is grpc.StatusCode.OK
    assert connected(None, ca) is grpc.StatusCode.UNAVAILABLE, "no certificate"
    assert connected(stranger, ca) is grpc.StatusCode.UNAVAILABLE, "one of another CA"
    assert connected(client, stranger_ca) is grpc.StatusCode.UNAVAILABLE, "a false server"
    assert lookup(connection(service)) is grpc.StatusCode.UNAVAILABLE, "no TLS"


def test_tls_beside_the_token(harness: LoreHarness, ca: CertificateAuthority) -> None:
    server = ca.issue("server2")
    service = harness.add(
        **{f"{PREFIX}_TLS_CERT": str(server.certificate), f"{PREFIX}_TLS_KEY": str(server.key)}
    )

    assert lookup(connection(service, TOKEN, ca=ca.certificate)) is grpc.StatusCode.OK
    assert lookup(connection(service, ca=ca.certificate)) is grpc.StatusCode.UNAUTHENTICATED


def test_the_token_is_in_no_repr(caplog: pytest.LogCaptureFixture) -> None:
    settings = ConnectionSettings.model_validate({f"{PREFIX}_TOKEN": TOKEN})
    logging.getLogger("test").warning(
        "%r %r", settings, LoreServiceConnection("here:1", settings.lore_service_token)
    )

    assert TOKEN not in caplog.text
