"""Which networks are installed on this machine."""

from __future__ import annotations

from dataclasses import dataclass

from enhance.nets.catalogue import FOR_QUALITY
from enhance.options import QualityLevel
from project.inference.weight_store import configured_store
from project.inference.weights import WeightsEntry


@dataclass(frozen=True, kw_only=True)
class InstalledNetwork:
    """One network, the weights entry behind it, and whether that is on disk."""

    quality_level: QualityLevel
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
    found = []
    for quality_level, network in FOR_QUALITY.items():
        status = store.status(network.name)
        found.append(
            InstalledNetwork(
                quality_level=quality_level,
                scale=network.scale,
                entry=status.entry,
                state=status.state,
            )
        )
    return found
