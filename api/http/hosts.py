"""The names under which clients may call the server: DNS rebinding gives it any other name.

A web page that leads a name of its own to this server reads it as its own origin, and the browser
sends that name as Host. An IP address cannot be led elsewhere, so a public server accepts all.
"""

import ipaddress
import re

from loresmith.api.http.problems import Problem, truncated
from loresmith.jobs.core.settings import SettingsError, is_loopback

HOST = re.compile(
    r"(?P<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
)


class AllowedHosts:
    """Loopback names always; on a public server also its own names, and IP addresses."""

    def __init__(self, names: str = "", *, public: bool = False) -> None:
        """`names` are separated by commas or blanks. Raises SettingsError."""
        self._public = public
        self._names = {_name(each) for each in names.replace(",", " ").split()}

    def check(self, host: bytes) -> None:
        """Raises Problem for another name."""
        text = host.decode("latin-1")
        match = HOST.fullmatch(text)
        if match and self._accepts(match["name"].lower().removesuffix(".")):
            return
        name = truncated(match["name"] if match else text)
        remedy = f"add {name!r} to LORESMITH_HOSTS"
        if not self._public:
            remedy = f"start it with --public and {remedy}"
        raise Problem(
            "wrong-host",
            f"The server does not accept the host name {name!r}. Use localhost, or {remedy}.",
        )

    def _accepts(self, name: str) -> bool:
        if is_loopback(name):
            return True
        return self._public and (name in self._names or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _name(text: str) -> str:
    match = HOST.fullmatch(text)
    if not match or match["port"]:
        raise SettingsError(
            f"LORESMITH_HOSTS: {text!r} is not a host name; write names without scheme and port, "
            "for example lore.example"
        )
    return match["name"].lower().removesuffix(".")
