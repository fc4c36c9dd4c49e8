"""The address under which a client reaches the api through a reverse proxy.

`X-Forwarded-Prefix`, `X-Forwarded-Proto`, `X-Forwarded-Host` and `X-Forwarded-For` count only when
the connection comes from a trusted proxy: anybody else can send them too.
"""

import ipaddress
import re
from contextvars import ContextVar

from starlette.types import Scope

from loresmith.api.http.hosts import HOST
from loresmith.api.http.problems import header, validation_error
from loresmith.jobs.core.settings import SettingsError

PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")
SCHEME = re.compile(r"https?", re.IGNORECASE)

ROOT_PATH: ContextVar[str] = ContextVar("root_path", default="")
"""What precedes every path of the api at the client's side; no slash at its end."""

FORWARDING_HEADERS = frozenset({b"forwarded", b"via", b"x-real-ip"})
FORWARDING_PREFIX = b"x-forwarded-"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def client_path(path: str) -> str:
    """Returns a path of the api as the client must request it."""
    return ROOT_PATH.get() + path


def is_forwarded(scope: Scope) -> bool:
    """Returns whether a request says that it came through a proxy, trusted or not."""
    return any(
        name in FORWARDING_HEADERS or name.startswith(FORWARDING_PREFIX)
        for name, _ in scope["headers"]
    )


class ProxyHeaders:
    """Applies the root path of the settings, and the headers of trusted proxies."""

    def __init__(self, trusted_proxies: str = "", root_path: str = "") -> None:
        """Raises SettingsError."""
        self._trusted = [_network(each) for each in trusted_proxies.replace(",", " ").split()]
        self._root_path = root_path.rstrip("/")

    def apply(self, scope: Scope) -> None:
        """Changes root path, scheme, Host and client of a request. Raises Problem."""
        scope["root_path"] = self._root_path
        client = scope.get("client")
        if self._trusted and client and self._trusts(client[0]):
            self._apply_headers(scope)
        ROOT_PATH.set(scope["root_path"])

    def _apply_headers(self, scope: Scope) -> None:
        if prefix := _header(scope, "X-Forwarded-Prefix", PREFIX, "a path like /lore"):
            scope["root_path"] = prefix.rstrip("/")
        if scheme := _header(scope, "X-Forwarded-Proto", SCHEME, "http or https"):
            scope["scheme"] = scheme.lower()
        if address := self._client(scope):
            scope["client"] = (address, 0)
        if host := _header(scope, "X-Forwarded-Host", HOST, "a host name"):
            others = [item for item in scope["headers"] if item[0] != b"host"]
            scope["headers"] = [*others, (b"host", host.encode())]

    def _client(self, scope: Scope) -> str:
        """Returns the address that the trusted proxies saw, which are at the end of the list.

        What stands before it was sent by that client, and may be false. '' if it is not an address.
        """
        values = [value for key, value in scope["headers"] if key == b"x-forwarded-for"]
        address = ""
        for text in reversed(b",".join(values).decode("latin-1").split(",")):
            if not (address := _address(text.strip())) or not self._trusts(address):
                break
        return address

    def _trusts(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._trusted)


def _header(scope: Scope, name: str, form: re.Pattern[str], what: str) -> str:
    """Returns the last value of a header: the one of the nearest proxy. Raises Problem."""
    raw_name = name.lower().encode()
    values = [value for key, value in scope["headers"] if key == raw_name]
    value = values[-1].decode("latin-1").rpartition(",")[2].strip() if values else ""
    if value and not form.fullmatch(value):
        raise validation_error(header(name, f"must be {what}"))
    return value


def _address(text: str) -> str:
    """Returns an IP address without the port that some proxies add; '' for anything else."""
    for form in (text, text.partition("]")[0].removeprefix("["), text.rpartition(":")[0]):
        try:
            return str(ipaddress.ip_address(form))
        except ValueError:
            continue
    return ""


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise SettingsError(
            f"LORESMITH_TRUSTED_PROXIES: {text!r} is neither an address nor a network, for "
            "example 127.0.0.1 or 10.0.0.0/8"
        ) from None
