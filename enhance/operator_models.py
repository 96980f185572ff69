"""Networks that operators of this server added, as the rest of the service sees them."""

from __future__ import annotations

from enhance.nets.network import Network


def is_operator_model(name: str) -> bool:
    """Whether everybody may choose it now."""
    del name
    return False


def operator_networks() -> list[Network]:
    """Those that everybody may choose now, by name."""
    return []
