"""Addresses that customers name: https, and never into our own network."""

import asyncio
import socket
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit

from backend.core.errors import InvalidInputError


class AddressRefusedError(InvalidInputError):
    """The address leads where a customer's address may not lead."""

    code = "address_refused"


class AddressUnknownError(AddressRefusedError):
    """Nobody knows the host's name, at least not now."""


def require_https(url: str, *, field: str) -> None:
    """Refuse everything but a plain ``https://host[:port][/path]``."""
    parts = _split(url, field)
    if parts.scheme != "https":
        raise AddressRefusedError(f"{field} must begin with https://", field=field)


def require_plain(url: str, *, field: str) -> None:
    """Refuse what is no ``http(s)://host[:port][/path]``: for a laptop, where the outside may be simulated."""
    _split(url, field)


async def require_public(url: str, *, field: str) -> None:
    """Refuse a host that is, or whose name leads to, a loopback, private or otherwise special address.

    Raises :class:`AddressUnknownError` for a name that leads nowhere.
    """
    parts = _split(url, field)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, parts.port or 443, type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise AddressUnknownError(
            f"{field}: nobody knows the host {parts.hostname}", field=field
        ) from error
    for *_, address in found:
        if not _public(str(address[0])):
            raise AddressRefusedError(
                f"{field}: {parts.hostname} leads into a private network; use a public address",
                field=field,
            )


def _public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast


def _split(url: str, field: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_fine = urlsplit(""), False
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in ("http", "https") or not (parts.hostname and plain and port_is_fine):
        raise AddressRefusedError(
            f"{field} must be an address like https://models.example.com/v1", field=field
        )
    return parts
