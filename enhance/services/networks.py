"""Which networks are installed on this machine."""

from __future__ import annotations

from dataclasses import dataclass

from enhance.nets.catalogue import FOR_QUALITY, NETWORKS
from enhance.options import QualityLevel
from project.inference.weight_store import configured_store
from project.inference.weights import WeightsEntry


@dataclass(frozen=True, kw_only=True)
class InstalledNetwork:
    """One network, the weights entry behind it, and whether that is on disk.

    `quality_level` is the one that chooses it, None where only its name does.
    """

    quality_level: QualityLevel | None
    scale: int
    entry: WeightsEntry
    state: str

    @property
    def command(self) -> str | None:
        """What an operator runs to repair it, or None when nothing is to be done."""
        return None if self.state == "present" else f"manage.py models pull {self.entry.name}"


def installed_networks() -> list[InstalledNetwork]:
    """Every network of the service; compares sizes only, so it is cheap enough for a page."""
    store = configured_store()
    levels = {network.name: level for level, network in FOR_QUALITY.items()}
    found = []
    for network in NETWORKS.values():
        status = store.status(network.name)
        found.append(
            InstalledNetwork(
                quality_level=levels.get(network.name),
                scale=network.scale,
                entry=status.entry,
                state=status.state,
            )
        )
    return found
