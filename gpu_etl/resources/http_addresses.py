"""Which servers may be connected to: anything public, and what the user configured by name.

Belongs here: looking names up and judging addresses. A page, a feed or a redirect can name any address; without this
it could make us read the metadata service of a cloud, a router or the database's neighbour. Does not belong here:
following redirects (``http``).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from gpu_etl.resources.http_errors import AddressRefused, Unreachable
from gpu_etl.resources.http_urls import DEFAULT_PORTS, Place, place_of

Resolver = Callable[[str, int], list[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[str]:
    """Every IP address of a name, by the system's resolver.

    Raises:
        OSError: there is no such name, or nobody to ask.
    """
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet; an IPv4 address wrapped in IPv6 is judged as itself."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour
        if parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return parsed.is_global and not parsed.is_multicast


class AddressGuard:
    """Decides on servers; ``trusted`` holds base URLs, ``host:port`` or ``host`` (its ports 80 and 443)."""

    def __init__(self, trusted: Iterable[str] = (), *, resolver: Resolver = resolve) -> None:
        self._trusted = {place for entry in trusted for place in _places(entry)}
        self._resolve = resolver

    def allows_peer(self, place: Place, address: str) -> bool:
        """Whether a connection made for ``place`` may talk to this address; for names that resolve anew each time."""
        return place in self._trusted or is_public(address)

    def check(self, url: str, *, proxied: bool = False) -> None:
        """Let a URL through whose server is trusted or public by every address of its name.

        Behind a proxy names are the proxy's to look up (there may be no DNS here); only literal addresses are judged.

        Raises:
            AddressRefused: not http(s), no host, or a private, loopback, link-local or reserved address.
            Unreachable: the name is not known.
        """
        try:
            place = place_of(url)
        except ValueError as error:
            raise AddressRefused(url, str(error)) from None
        if place in self._trusted or (proxied and not _is_literal(place.host)):
            return
        try:
            addresses = self._resolve(*place)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise Unreachable(url, "the host's name is not known")
        private = [address for address in addresses if not is_public(address)]
        if private:
            raise AddressRefused(
                url, f"{private[0]} is not a public address, and {place.host}:{place.port} is not trusted"
            )


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.replace(".", "").isdigit()
    return True


def _places(entry: str) -> list[Place]:
    if "://" in entry:
        return [place_of(entry)]
    parts = urlsplit(f"//{entry}")
    if not parts.hostname:
        raise ValueError(f"a trusted host is a base URL, host:port or host, and {entry!r} is none")
    ports = DEFAULT_PORTS.values() if parts.port is None else (parts.port,)
    return [Place(parts.hostname.lower(), port) for port in ports]
