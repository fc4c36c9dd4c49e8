"""Requests to what only this machine reaches: none makes a connection."""

import socket
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

import httpcore2
import pytest

from loresmith.jobs.safe_http.addresses import AllowList, is_public
from loresmith.jobs.safe_http.client import SafeHttpClient
from loresmith.jobs.safe_http.connections import resolve
from loresmith.jobs.safe_http.errors import AddressRefused, HttpError

PUBLIC = "93.184.215.14"
HOSTILE_V4 = (
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1",
    "172.31.9.9", "192.168.1.1", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200",
    "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
)  # fmt: skip
HOSTILE_V6 = (
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::1", "2001::1",
    "2001:0:7f00:1::1", "2001:db8::1", "2001:10::1", "3fff::1", "5f00::1", "100::1", "fc00::1",
    "fd12:3456::1", "fd00:ec2::254", "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1", "ff0e::1",
    "4000::1", "e000::1",
)  # fmt: skip
ODD_HOSTS = (
    "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1",
    "0", "0x0", "00000177.0.0.1", "127.0.0.1.", "2852039166", "0xA9FEA9FE", "169.254.43518",
    "localhost", "LOCALHOST", "localhost.",
)  # fmt: skip


@pytest.fixture(autouse=True)
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Every address that a socket of this process is connected to; the tests expect none."""
    dialled: list[object] = []

    def note(self: socket.socket, address: object) -> None:
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", note)
    monkeypatch.setattr(socket.socket, "connect_ex", note)
    yield dialled
    assert dialled == []


def client(*answers: Sequence[str]) -> SafeHttpClient:
    """Returns a client whose names resolve to each answer in turn; without any, as usual."""
    remaining = list(answers)
    return SafeHttpClient(
        AllowList(), resolve=(lambda host, port: remaining.pop(0)) if answers else resolve
    )


@pytest.mark.parametrize("address", HOSTILE_V4 + HOSTILE_V6)
def test_an_address_of_its_own_network_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", PUBLIC, "2606:4700::1111", "2a00::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_a_public_address(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", HOSTILE_V4 + tuple(f"[{each}]" for each in HOSTILE_V6) + ODD_HOSTS)
def test_an_address_in_the_url_is_refused(scheme: str, host: str) -> None:
    with pytest.raises(HttpError):
        client().get(f"{scheme}://{host}/")


@pytest.mark.parametrize("address", HOSTILE_V4 + HOSTILE_V6)
def test_a_name_that_leads_there_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused, match="not a public address"):
        client([address]).get("http://a.example/")


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with pytest.raises(AddressRefused, match=r"leads to 10\.0\.0\.1"):
        client([PUBLIC, "2606:4700::1111", "10.0.0.1"]).get("http://a.example/")


def test_a_name_without_an_address() -> None:
    with pytest.raises(AddressRefused, match="has no address"):
        client([]).get("http://a.example/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://127.0.0.1:6379/_PING", "ftp://127.0.0.1/", "//127.0.0.1/",
        "http:///", "http://", "", "unix:///run/docker.sock", "http://[::1", "http://a b/",
        "http://exa\nmple.com/",
    ],
)  # fmt: skip
def test_another_scheme_or_no_address(url: str) -> None:
    with pytest.raises(HttpError):
        client().get(url)


def test_a_name_in_other_characters() -> None:
    """Given full-width digits and dots, which a name is normalised from / I expect none."""
    for host in ("１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1"):
        with pytest.raises(HttpError):
            client().get(f"http://{host}/")


def test_what_was_judged_is_what_is_dialled() -> None:
    """Given a name that is public when it is judged, and private the next time
    / I expect it resolved once, and the public address dialled.
    """
    resolved, dialled = [], []

    def rebinding(host: str, port: int) -> list[str]:
        resolved.append(host)
        return [PUBLIC] if len(resolved) == 1 else ["127.0.0.1"]

    def dial(address: str, port: int, timeout_s: float) -> httpcore2.NetworkStream:
        dialled.append(address)
        raise httpcore2.ConnectError

    rebound = SafeHttpClient(AllowList(), resolve=rebinding, connect=dial)
    with pytest.raises(HttpError):
        rebound.get("http://a.example/")

    assert (resolved, dialled) == (["a.example"], [PUBLIC])
    with pytest.raises(AddressRefused):
        rebound.get("http://a.example/")
    assert dialled == [PUBLIC]


def test_an_environment_with_a_proxy_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve the name by itself, unjudged."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with pytest.raises(AddressRefused):
        client().get("http://10.0.0.1/")


@pytest.mark.parametrize(
    ("allowed", "address", "is_allowed"),
    [
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("10.0.0.0/8", "192.168.0.1", False),
        ("10.0.0.0/8, fd00::/8", "fd00::1", True),
        ("a.example", "127.0.0.1", True),
        ("b.example", "127.0.0.1", False),
    ],
)
def test_the_operator_allows_networks_and_hosts(
    allowed: str, address: str, is_allowed: bool
) -> None:
    dialled = []

    def dial(address: str, port: int, timeout_s: float) -> httpcore2.NetworkStream:
        dialled.append(address)
        raise httpcore2.ConnectError

    with pytest.raises(HttpError):
        SafeHttpClient(
            AllowList.parse(allowed), resolve=lambda host, port: [address], connect=dial
        ).get("http://a.example/")

    assert dialled == ([address] if is_allowed else [])


@pytest.mark.parametrize("text", ["10.0.0.0/99", "http://a", "a_b", "10.0.0.1/8"])
def test_an_allow_list_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="neither a network"):
        AllowList.parse(text)


@pytest.mark.parametrize("host", ["134744072", "0x08080808", "010.010.010.010", "8.8.2056"])
def test_an_unusual_form_of_a_public_address_is_refused(host: str) -> None:
    """Resolvers read these differently, so what was judged could differ from what is meant."""
    with pytest.raises(HttpError, match=r"unusual form|is not valid"):
        client().get(f"http://{host}/")
