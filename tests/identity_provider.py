"""An OpenID Connect provider of our own on a loopback port: discovery, keys, and signed tokens."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

AUDIENCE = "lore-api"
KEYS: dict[str, Any] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"}),
}


class FakeIdentityProvider:
    """Publishes `keys`; counts the requests of each path."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys = list(KEYS.values())
        self.requests: list[str] = []
        self.away = False

    def token(self, alg: str = "RS256", key: Any = None, header: Any = None, **claims: Any) -> str:
        """Returns a signed token; a claim that is None is left out."""
        key = key or KEYS[alg]
        now = int(time.time())
        all_claims = {"iss": self.url, "aud": AUDIENCE, "sub": "ann", "exp": now + 300} | claims
        sent = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode({"alg": alg, "kid": key.kid} | (header or {}), sent, key, [alg])

    def document(self, path: str) -> dict[str, Any] | None:
        self.requests.append(path)
        if self.away:
            return None
        if path == "/keys":
            return {"keys": [key.as_dict(private=False) for key in self.keys]}
        endpoints = {"authorization_endpoint": "/authorize", "token_endpoint": "/token"}
        return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | {
            name: self.url + place for name, place in endpoints.items()
        }


@contextmanager
def identity_provider() -> Iterator[FakeIdentityProvider]:
    """Runs a provider for the length of a with block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = provider.document(self.path)
            body = json.dumps(document).encode()
            self.send_response(200 if document else 503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            """Logs nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = FakeIdentityProvider(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
