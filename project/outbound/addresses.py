"""Which IP addresses are on the public internet, whatever spelling they come in.

`ipaddress` alone does not do: `is_global` says yes to multicast, to 6to4 and NAT64 spellings of
private IPv4 addresses, and differs between Python's patch releases.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

# Where clouds hand out credentials; several of them look like ordinary addresses.
METADATA: frozenset[Address] = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
# Inside 2000::/3, or global by Python's word, yet nobody's host: protocol assignments with
# Teredo and ORCHID, 6to4 and its relays, documentation.
_NOT_HOSTS_6 = tuple(
    IPv6Network(text) for text in ("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20")
)
_NOT_HOSTS_4 = tuple(ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24"))


def literal_address(host: str) -> Address | None:
    """The address that `host` spells, or None for a name.

    Takes what the C library takes: `2130706433`, `0x7f.1`, `0177.0.0.1` are all 127.0.0.1.
    """
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def carried_address(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped or NAT64 one; any other address as it is."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether `address` is a host of the public internet."""
    address = carried_address(address)
    if address in METADATA or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in net for net in _NOT_HOSTS_4)
    return (
        address in _UNICAST
        and address.is_global
        and not any(address in net for net in _NOT_HOSTS_6)
    )


def is_on_local_network(address: Address) -> bool:
    """Loopback or a private network; never metadata, link-local, multicast or reserved."""
    address = carried_address(address)
    if address in METADATA or address.is_link_local or address.is_multicast:
        return False
    if address.is_unspecified:
        return False
    return address.is_loopback or (address.is_private and not address.is_reserved)
