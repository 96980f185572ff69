"""The networks that this service offers, without torch."""

from __future__ import annotations

from dataclasses import dataclass

from enhance.nets.architecture import SCALE, Architecture, Rrdb, Srvgg
from enhance.options import QualityLevel


@dataclass(frozen=True, kw_only=True)
class Network:
    """One network and how it likes to be tiled."""

    name: str
    version: str
    architecture: Architecture
    pad: int
    tile_on_cpu: int
    tile_on_gpu: int = 400
    scale: int = SCALE

    def is_exact(self, pad: int) -> bool:
        """Whether cut tiles equal the untiled picture with this `pad`."""
        return isinstance(self.architecture, Srvgg) and pad >= self.architecture.receptive_radius

    def auto_tile(self, device: str) -> int:
        """Tile side of `tile_size=auto`.

        On a CPU one tile is also the longest time until a cancel is heard, so it is smaller
        there for the large network.
        """
        return self.tile_on_cpu if device == "cpu" else self.tile_on_gpu

    def activation_bytes(self, window_pixels: int) -> int:
        """Peak of the feature maps for one window in float32: the last layers at full size hold
        three maps of all features at once; measured figures in docs/models/realesrgan.md."""
        features, maps = self.architecture.features, 3
        at_scale = self.scale**2 if isinstance(self.architecture, Rrdb) else 1
        return window_pixels * at_scale * features * 4 * maps


_SRVGG = Srvgg()
X4PLUS = Network(
    name="realesrgan-x4plus", version="0.1.0", architecture=Rrdb(), pad=32, tile_on_cpu=256
)
ANIMEVIDEO = Network(
    name="realesr-animevideov3",
    version="0.2.5.0",
    architecture=_SRVGG,
    pad=_SRVGG.receptive_radius,
    tile_on_cpu=400,
)

NETWORKS: dict[str, Network] = {network.name: network for network in (X4PLUS, ANIMEVIDEO)}
FOR_QUALITY: dict[QualityLevel, Network] = {"fast": ANIMEVIDEO, "high": X4PLUS}
