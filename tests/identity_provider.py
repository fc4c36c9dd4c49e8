"""An OpenID Connect provider of our own on a loopback port: discovery, keys, and signed tokens."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode

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
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        """Claims of the ID tokens of log-ins, in place of the usual ones."""

    def token(self, alg: str = "RS256", key: Any = None, header: Any = None, **claims: Any) -> str:
        """Returns a signed token; a claim that is None is left out."""
        key = key or KEYS[alg]
        now = int(time.time())
        all_claims = {"iss": self.url, "aud": AUDIENCE, "sub": "ann", "exp": now + 300} | claims
        sent = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode({"alg": alg, "kid": key.kid} | (header or {}), sent, key, [alg])

    def authorize(self, query: dict[str, str]) -> str:
        """Returns where a user who agrees is sent: to the client, with a code."""
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        answer = {"code": code, "state": query["state"], "iss": self.url}
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def exchange(self, form: dict[str, str], client_id: str) -> dict[str, Any] | None:
        """Returns the tokens of a code, once; None when client, address or verifier differ."""
        query = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        names = ("client_id", "redirect_uri", "code_challenge", "code_challenge_method")
        sent = (client_id, form.get("redirect_uri"), challenge, "S256")
        if not query or tuple(query.get(name) for name in names) != sent:
            return None
        claims = {"aud": client_id, "nonce": query["nonce"], "name": "Ann Example"} | self.claims
        return {"id_token": self.token(**claims), "access_token": "x", "token_type": "Bearer"}

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
            path, _, query = self.path.partition("?")
            if path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(dict(parse_qsl(query))))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                document = provider.document(self.path)
                self._answer(200 if document else 503, document)

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            form = dict(parse_qsl(self.rfile.read(length).decode()))
            basic = base64.b64decode(self.headers.get("Authorization", "")[len("Basic ") :])
            client_id = basic.decode().partition(":")[0] or form.get("client_id", "")
            tokens = provider.exchange(form, client_id)
            self._answer(200 if tokens else 400, tokens or {"error": "invalid_grant"})

        def _answer(self, status: int, document: Any) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
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
