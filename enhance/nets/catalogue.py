"""The networks that this service offers, without torch."""

from __future__ import annotations

from dataclasses import dataclass

from enhance.nets.architecture import SCALE, Architecture, Rrdb, Srvgg
from enhance.options import AUTO_MODEL, EnhanceOptions, QualityLevel


@dataclass(frozen=True, kw_only=True)
class Network:
    """One network, how it likes to be tiled, and its work for one input pixel (docs/models)."""

    name: str
    version: str
    architecture: Architecture
    pad: int
    tile_on_cpu: int
    megaflop_per_pixel: float
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
    name="realesrgan-x4plus",
    version="0.1.0",
    architecture=Rrdb(),
    pad=32,
    tile_on_cpu=256,
    megaflop_per_pixel=35.85,
)
X4PLUS_ANIME = Network(
    name="realesrgan-x4plus-anime",
    version="0.2.2.4",
    architecture=Rrdb(blocks=6),
    pad=32,
    tile_on_cpu=256,
    megaflop_per_pixel=11.41,
)
ANIMEVIDEO = Network(
    name="realesr-animevideov3",
    version="0.2.5.0",
    architecture=_SRVGG,
    pad=_SRVGG.receptive_radius,
    tile_on_cpu=400,
    megaflop_per_pixel=1.24,
)

NETWORKS: dict[str, Network] = {
    network.name: network for network in (X4PLUS, X4PLUS_ANIME, ANIMEVIDEO)
}
FOR_QUALITY: dict[QualityLevel, Network] = {"fast": ANIMEVIDEO, "high": X4PLUS}
# The work that a machine without a GPU may be asked for is counted in pixels of this network.
REFERENCE = FOR_QUALITY["high"]
CHEAPEST = min(NETWORKS.values(), key=lambda network: network.megaflop_per_pixel)


def choose_network(options: EnhanceOptions) -> Network:
    """The network that was named; otherwise that of the quality level."""
    if options.model == AUTO_MODEL:
        return FOR_QUALITY[options.quality_level]
    return NETWORKS[options.model]
