"""Where events may be sent: to names that a utility allows, never into its own network unless it says so.

An address is looked up once, judged, and then connected to as it was judged: a name that leads somewhere
else a moment later leads nowhere.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..ground.errors import DispatchError

MOST_URL = 500
PORTS = {"https": 443, "http": 80}


class Forbidden(DispatchError):
    """Nothing may be sent there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings:
    """How events leave the house.

    Parameters
    ----------
    hosts : the only names that events may be sent to, each with its subdomains where it begins with a dot;
        empty for any public one.
    inside : whether events may be sent without TLS, and to private addresses and this machine.
    """

    hosts: tuple[str, ...] = ()
    inside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to connect, and what to ask for there."""

    host: str
    port: int
    address: str
    tls: bool
    path: str


def target_of(url: str, settings: EventSettings) -> Target:
    """Look an address up and judge it.

    Raises
    ------
    Forbidden
        It is none, or leads where nothing may be sent.
    """
    host, port, tls, path = _parts(url, settings)
    if settings.hosts and not any(_covers(name, host) for name in settings.hosts):
        raise Forbidden(f"{host} is not among the hosts that may be sent to")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Forbidden(f"{host} cannot be looked up") from error
    addresses = [str(each[4][0]).partition("%")[0] for each in found]
    # All of them: which one a connection takes is nobody's choice.
    if not addresses or not (settings.inside or all(map(is_public, addresses))):
        raise Forbidden(f"{host} leads into a private network")
    return Target(host=host, port=port, address=addresses[0], tls=tls, path=path)


def is_public(address: str) -> bool:
    """Whether an address belongs to the internet, and to one machine of it."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo and found.teredo[1])
        # NAT64 holds an address of the old kind in its last four bytes.
        if found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner:
            found = inner
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _parts(url: str, settings: EventSettings) -> tuple[str, int, bool, str]:
    if len(url) > MOST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise Forbidden("expected an address like https://host.example/path, up to 500 letters")
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise Forbidden("expected an address like https://host.example/path") from error
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None or parts.fragment:
        raise Forbidden("expected an address like https://host.example/path, without user and fragment")
    if parts.scheme == "http" and not settings.inside:
        raise Forbidden("expected https: nothing is sent in the clear")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.hostname.lower(), port, parts.scheme == "https", path


def _covers(name: str, host: str) -> bool:
    return host == name.lower() or (name.startswith(".") and host.endswith(name.lower()))
