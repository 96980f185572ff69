"""What `/health` says about enhance."""

from __future__ import annotations

from typing import Any

from enhance.nets.face_catalogue import RESTORERS
from enhance.services.networks import installed_networks
from project.inference.weight_store import configured_store
from project.web.health.registry import AppHealth


def check() -> AppHealth:
    """Degraded while weights of the embedded set are missing: their jobs would fail.

    Face restoration is an extra that an operator installs; without it faces stay as they are.
    """
    networks = installed_networks()
    is_whole = all(network.state == "present" for network in networks if network.embedded)
    facts: dict[str, Any] = {
        "face_restoration": "available" if restorers() else "unavailable",
        "models": [
            {
                "name": network.entry.name,
                "version": network.entry.version,
                "state": network.state,
                "sha256": {file.name: file.sha256 for file in network.entry.files},
            }
            for network in networks
        ],
    }
    if is_whole:
        return AppHealth(status="healthy", facts=facts)
    return AppHealth(status="degraded", reason="weights_missing", facts=facts)


def restorers() -> list[str]:
    """The face networks whose weights are here, best first; compares sizes only."""
    store = configured_store()
    return [name for name in RESTORERS if store.status(name).state == "present"]
