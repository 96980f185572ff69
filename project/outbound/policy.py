"""What may be called, for one purpose: judged before anything is resolved, and again after."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from project.outbound.addresses import Address, is_on_local_network, is_public, literal_address
from project.outbound.allow_list import AllowList
from project.outbound.errors import Failed, Refused

ORDINARY_PORTS = frozenset({80, 443, 8080, 8443})
MAX_URL_CHARACTERS = 2048
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
# What browsers and libraries disagree about: space, control characters, backslash, zone ids.
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")

Resolver = Callable[[str, int], Iterable[str]]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A URL that passed: `host` in lower case ASCII, `path` with its query, no fragment."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_tls(self) -> bool:
        """Whether the call is encrypted."""
        return self.scheme == "https"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what may be logged and shown to operators."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = self.port == _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{host}" if default else f"{self.scheme}://{host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class OutboundPolicy:
    """`any_address` is for hosts that the operator named, never for those of a user.

    `only_listed` refuses the public internet too, except for what `allowed` lists.
    """

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] = ORDINARY_PORTS
    allowed: AllowList = field(default_factory=AllowList)
    any_address: bool = False
    only_listed: bool = False

    def check(self, url: str) -> Target:
        """The parts of `url`. Raises Refused for what is wrong without asking the network."""
        if len(url) > MAX_URL_CHARACTERS:
            raise Refused("url_too_long")
        parts = _split(url)
        if parts.scheme not in self.schemes:
            raise Refused("scheme_refused")
        if "@" in parts.netloc:
            raise Refused("credentials_refused")
        host, port = _host_and_port(parts)
        target = Target(
            scheme=parts.scheme,
            host=host,
            port=port or _DEFAULT_PORTS[parts.scheme],
            path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        )
        literal = literal_address(host)
        if literal is not None:
            self._judge(target, literal)
        elif not self._may_use_port_of_a_name(target):
            raise Refused("port_refused")
        elif self.only_listed and not self._may_be_listed(target):
            raise Refused("address_refused")
        return target

    def vetted_addresses(self, target: Target, resolver: Resolver) -> list[Address]:
        """The addresses of the target, resolved once; every one of them is allowed.

        Raises Refused (address_refused, port_refused) and Failed (dns_failed).
        """
        literal = literal_address(target.host)
        texts = [str(literal)] if literal else list(resolver(target.host, target.port))
        if not texts:
            raise Failed("dns_failed")
        addresses = list(dict.fromkeys(ip_address(text.split("%")[0]) for text in texts))
        for address in addresses:
            self._judge(target, address)
        return addresses

    def _judge(self, target: Target, address: Address) -> None:
        if self.any_address:
            return
        if self.allowed.holds(address, target.port, ordinary=self.ports):
            return
        is_named = self._is_named(target)
        if is_named and is_on_local_network(address):
            return
        if not is_public(address) or (self.only_listed and not is_named):
            raise Refused("address_refused")
        if target.port not in self.ports and not is_named:
            raise Refused("port_refused")

    def _is_named(self, target: Target) -> bool:
        return self.allowed.names(target.host, target.port, ordinary=self.ports)

    def _may_be_listed(self, target: Target) -> bool:
        """Whether a name is listed, or could lead into a listed network."""
        return self._is_named(target) or self.allowed.has_network_for(
            target.port, ordinary=self.ports
        )

    def _may_use_port_of_a_name(self, target: Target) -> bool:
        """Whether some address could make the port right; the address itself is judged later."""
        return (
            self.any_address
            or target.port in self.ports
            or self._is_named(target)
            or any(port == target.port for _network, port in self.allowed.networks)
        )


def _split(url: str) -> SplitResult:
    if _NOT_IN_URL.search(url):
        raise Refused("url_invalid")
    try:
        return urlsplit(url)
    except ValueError as error:
        raise Refused("url_invalid") from error


def _host_and_port(parts: SplitResult) -> tuple[str, int | None]:
    """Raises Refused url_invalid."""
    try:
        host, port = parts.hostname or "", parts.port
        if "%" in host:  # a zone id, or an escape that some libraries undo
            raise Refused("url_invalid")
        if ":" in host:
            return str(ip_address(host)), port
        # Also folds full-width digits and dots, which would otherwise hide an address.
        host = host.encode("idna").decode("ascii").lower().removesuffix(".")
        (parts.path + parts.query).encode("ascii")
    except ValueError as error:
        raise Refused("url_invalid") from error
    if port == 0 or len(host) > 253 or not _NAME.fullmatch(host):
        raise Refused("url_invalid")
    return host, port
