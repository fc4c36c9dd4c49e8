"""Settings of the connections to the lore_service, which it and its clients share.

The lore_service shows the certificate; with a CA it asks its clients for one that the CA has
signed (mTLS). Clients connect by TLS when they have a CA, and show their certificate when they
have one.
"""

import ssl
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from loresmith.jobs.core.settings.checks import SettingsError
from loresmith.jobs.core.settings.providers import Text
from loresmith.jobs.core.settings.row import setting

TLS = "LORESMITH_LORE_SERVICE_TLS"
MIN_TOKEN_LENGTH = 16


class TlsMaterial(NamedTuple):
    """The contents of PEM files, in the order of the arguments of gRPC."""

    ca: bytes | None
    key: bytes | None
    certificate: bytes | None


class ConnectionSettings(BaseModel):
    """The rows of LORESMITH_LORE_SERVICE_*."""

    lore_service_address: str = setting(
        "LORESMITH_LORE_SERVICE_ADDRESS", "127.0.0.1:50051", "host:port of the lore_service"
    )
    lore_service_token: Text = setting(
        "LORESMITH_LORE_SERVICE_TOKEN",
        "",
        "shared token that the lore_service demands of its clients; see docs/security.md",
        repr=False,
    )
    lore_service_tls_cert: str = setting(
        f"{TLS}_CERT",
        "",
        "PEM file: certificate of the lore_service, or of a client that must show one",
    )
    lore_service_tls_key: str = setting(f"{TLS}_KEY", "", "PEM file: key of that certificate")
    lore_service_tls_ca: str = setting(
        f"{TLS}_CA",
        "",
        "PEM file: what signed the lore_service's certificate; at the lore_service: "
        "those of its clients, which must then show one",
    )

    def check_connection(self) -> None:
        """Raises SettingsError."""
        if bool(self.lore_service_tls_cert) != bool(self.lore_service_tls_key):
            raise SettingsError(f"{TLS}_CERT and {TLS}_KEY belong together; set both or neither")
        if 0 < len(self.lore_service_token) < MIN_TOKEN_LENGTH:
            raise SettingsError(
                f"LORESMITH_LORE_SERVICE_TOKEN has fewer than {MIN_TOKEN_LENGTH} characters; "
                "make one: openssl rand -hex 32"
            )

    def client_tls(self) -> TlsMaterial | None:
        """Returns what a client connects with; None without TLS. Raises SettingsError."""
        if self.lore_service_tls_ca:
            return self._material()
        if self.lore_service_tls_cert:
            raise SettingsError(
                f"{TLS}_CERT is set without {TLS}_CA; set the CA too, or the certificate of the "
                "lore_service could not be checked"
            )
        return None

    def server_tls(self) -> TlsMaterial | None:
        """Returns what the lore_service listens with; None without TLS. Raises SettingsError."""
        if self.lore_service_tls_cert:
            return self._material()
        if self.lore_service_tls_ca:
            raise SettingsError(
                f"{TLS}_CA is set without {TLS}_CERT and {TLS}_KEY; the lore_service needs a "
                "certificate of its own to serve TLS"
            )
        return None

    def _material(self) -> TlsMaterial:
        material = TlsMaterial(
            _read(f"{TLS}_CA", self.lore_service_tls_ca),
            _read(f"{TLS}_KEY", self.lore_service_tls_key),
            _read(f"{TLS}_CERT", self.lore_service_tls_cert),
        )
        self._check_files()
        return material

    def _check_files(self) -> None:
        """Lets OpenSSL load the files: gRPC does not say what is wrong with them."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        cert, key, ca = (
            self.lore_service_tls_cert,
            self.lore_service_tls_key,
            self.lore_service_tls_ca,
        )
        try:
            if cert:
                context.load_cert_chain(cert, key, password="")
        except (ssl.SSLError, ValueError) as error:
            raise SettingsError(
                f"{TLS}_CERT={cert} and {TLS}_KEY={key} cannot be used: {_reason(error)}; they "
                "must be a certificate in PEM and its own key without a password"
            ) from None
        try:
            if ca:
                context.load_verify_locations(ca)
        except ssl.SSLError as error:
            raise SettingsError(
                f"{TLS}_CA={ca} cannot be used: {_reason(error)}; it must hold certificates in PEM"
            ) from None


def _read(variable: str, path: str) -> bytes | None:
    """Raises SettingsError."""
    if not path:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SettingsError(f"{variable}={path} cannot be read: {error.strerror}") from None


def _reason(error: Exception) -> str:
    """Names what OpenSSL found, without the file and line of its source."""
    reason = getattr(error, "reason", None) or "it is not a PEM file"
    return str(reason).replace("_", " ").lower()
