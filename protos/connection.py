"""Connects to the lore_service: address, TLS and the token that every request carries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio

AUTHORIZATION = "authorization"
"""The metadata that carries the token."""
SCHEME = "Bearer "
Tls = tuple[bytes | None, bytes | None, bytes | None]
"""CA, key and certificate in PEM."""


@dataclass(frozen=True)
class LoreServiceConnection:
    """How a client reaches the lore_service. Its repr shows no secret."""

    address: str
    token: str = field(default="", repr=False)
    tls: Tls | None = field(default=None, repr=False)

    def open(self, options: Sequence[tuple[str, Any]] = ()) -> grpc.aio.Channel:
        """Opens a channel, which connects with its first request."""
        if self.tls:
            credentials = grpc.ssl_channel_credentials(*self.tls)
            return grpc.aio.secure_channel(self.address, credentials, options=options)
        return grpc.aio.insecure_channel(self.address, options=options)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The metadata of each request."""
        return ((AUTHORIZATION, SCHEME + self.token),) if self.token else ()
