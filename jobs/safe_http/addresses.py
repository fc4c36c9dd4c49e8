"""Decides which addresses may be dialled: public ones, and those that the operator allows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Self

from loresmith.jobs.safe_http.errors import AddressRefused

Address = IPv4Address | IPv6Address
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""Everything else of IPv6 is local, special or not assigned."""
NAT64 = IPv6Network("64:ff9b::/96")
REFUSED = tuple(map(ip_network, ("192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20")))
"""Tunnels and documentation, parts of which Python calls global."""
ENDS_IN_A_NUMBER = re.compile(r"(.*\.)?(0[xX][0-9a-fA-F]*|[0-9]+)\.?")
"""A host that some resolvers read as an IPv4 address: 2130706433, 0x7f.1, 0177.0.0.1."""


@dataclass(frozen=True)
class AllowList:
    """What may be reached although it is not public."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    hosts: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads networks, addresses and host names, separated by commas or blanks.

        Raises ValueError.
        """
        networks, hosts = [], []
        for word in text.replace(",", " ").split():
            try:
                networks.append(ip_network(word))
            except ValueError:
                if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z])?", word):
                    raise ValueError(
                        f"has {word!r}, which is neither a network such as 10.0.0.0/8 nor a host "
                        "name"
                    ) from None
                hosts.append(word.lower())
        return cls(tuple(networks), frozenset(hosts))

    def has_host(self, host: str) -> bool:
        return host.lower().rstrip(".") in self.hosts

    def has_address(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def check_host(host: str) -> None:
    """Refuses an address in a form that resolvers read differently. Raises AddressRefused."""
    if not (ENDS_IN_A_NUMBER.fullmatch(host) or ":" in host):
        return
    try:
        ip_address(host)
    except ValueError:
        raise AddressRefused(
            f"{host} is an address in an unusual form; write it as four decimal numbers"
        ) from None


def check_addresses(host: str, addresses: Sequence[str], allowed: AllowList) -> list[str]:
    """Returns the addresses of a host when all of them may be dialled.

    One private address among public ones refuses the host: its owner chooses which comes first.
    Raises AddressRefused.
    """
    if not addresses:
        raise AddressRefused(f"{host} has no address")
    if not allowed.has_host(host):
        for text in addresses:
            address = ip_address(text)
            if not (is_public(address) or allowed.has_address(_unwrapped(address))):
                raise AddressRefused(
                    f"{host} leads to {text}, which is not a public address; the operator can "
                    "allow it by LORESMITH_HTTP_ALLOW"
                )
    return list(addresses)


def is_public(address: Address) -> bool:
    """Whether the address is one of the public internet, also within its IPv6 forms."""
    inner = _unwrapped(address)
    if isinstance(inner, IPv6Address) and inner not in GLOBAL_UNICAST:
        return False
    if any(inner in network for network in REFUSED):
        return False
    return inner.is_global and not (inner.is_multicast or inner.is_reserved)


def _unwrapped(address: Address) -> Address:
    """Returns the IPv4 address that an IPv6 one stands for: mapped, 6to4 or NAT64."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
