"""The hosts and networks that the operator allows beyond the public internet."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Self

from project.outbound.addresses import METADATA, Address, carried_address

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
_WITH_PORT = re.compile(r"(?P<what>\[[^\]]+\]|[^\[\]:]+)(:(?P<port>\d{1,5}))?")
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class AllowList:
    """Each entry with its port; None stands for the ordinary ports of the policy."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[Network, int | None], ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """From `host`, `host:port`, `10.0.0.0/8`, `10.0.0.5:9000`, `[fd00::/8]:9000`.

        Raises ValueError naming the entry.
        """
        hosts: set[tuple[str, int | None]] = set()
        networks: list[tuple[Network, int | None]] = []
        for entry in entries:
            what, port = _split(entry)
            try:
                networks.append((ip_network(what, strict=False), port))
            except ValueError:
                if "/" in what or not _HOST.fullmatch(what):
                    raise ValueError(f"expected a host, an address or a network: {entry}") from None
                hosts.add((what, port))
        return cls(hosts=frozenset(hosts), networks=tuple(networks))

    def names(self, host: str, port: int, *, ordinary: Collection[int]) -> bool:
        """Whether the host is listed for that port."""
        return (host, port) in self.hosts or (port in ordinary and (host, None) in self.hosts)

    def has_network_for(self, port: int, *, ordinary: Collection[int]) -> bool:
        """Whether some address could be held for that port."""
        return any(
            port == wanted or (wanted is None and port in ordinary)
            for _network, wanted in self.networks
        )

    def holds(self, address: Address, port: int, *, ordinary: Collection[int]) -> bool:
        """Whether a listed network holds the address for that port.

        A metadata address has to be listed by itself: no network opens it by the way.
        """
        address = carried_address(address)
        return any(
            address in network
            and (port == wanted or (wanted is None and port in ordinary))
            and (address not in METADATA or network.num_addresses == 1)
            for network, wanted in self.networks
        )


def _split(entry: str) -> tuple[str, int | None]:
    text = entry.strip().lower()
    if text.count(":") > 1 and not text.startswith("["):
        return text, None  # an IPv6 address or network without a port
    match = _WITH_PORT.fullmatch(text)
    if not match or (match["port"] and not 0 < int(match["port"]) < 65536):
        raise ValueError(f"expected a host, an address or a network: {entry}")
    return match["what"].strip("[]"), int(match["port"]) if match["port"] else None
