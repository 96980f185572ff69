"""One network as plans and pages see it, without torch and without its layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from enhance.nets.architecture import TAIL_PIXELS

# Windows without an exact border: wide enough for a ramp that hides the seam.
FEATHERED_PAD = 32
# Tiles of `auto`: the original's default; a smaller one is taken only where memory demands it.
AUTO_TILE = 400
# On a GPU that has the memory: where the border is exact, and where it is a wide ramp. Larger tiles
# save the second kind another 5 %, and cost it what a large picture may take of the memory.
LARGE_EXACT_TILE, LARGE_TILE = 1024, 768
LARGE_TILE_SHARE = 8
SMALLER_TILES = (256, 128, 64)


@dataclass(frozen=True, kw_only=True)
class Network:
    """What a plan must know: scale, border, work and memory for one input pixel.

    `bytes_per_pixel` and `tail_bytes` are feature maps in float32: for each input pixel of a
    window, and at most besides. `exact_pad` is the receptive radius in input pixels, None where no affordable border is exact.
    `softer` names the weights that the option `denoise` mixes in. `host_name` is the name under
    which the model host knows it, where that is another.
    """

    name: str
    version: str
    scale: int
    megaflop_per_pixel: float
    bytes_per_pixel: int
    tail_bytes: int = 0
    exact_pad: int | None = None
    softer: str = ""
    host_name: str = ""

    def is_exact(self, pad: int) -> bool:
        """Whether cut tiles equal the untiled picture with this `pad`."""
        return self.exact_pad is not None and pad >= self.exact_pad

    def pad(self, feathered: int) -> int:
        """The border of a tile: the exact one, or that of the quality level."""
        return feathered if self.exact_pad is None else self.exact_pad

    def auto_tile(self, pad: int, *, device: str, memory_bytes: int | None) -> int:
        """Tile side of `tile_size=auto`: never below 400 unless its window would take more than
        half of `memory_bytes` (None: unknown).

        A GPU with plenty of memory gets larger tiles: less is computed twice. On a processor a
        tile is also the longest time without visible progress.
        """
        if memory_bytes is None:
            return AUTO_TILE
        large = LARGE_TILE if self.exact_pad is None else LARGE_EXACT_TILE
        if device == "cuda" and self._fits(large, pad, memory_bytes // LARGE_TILE_SHARE):
            return large
        fitting = (
            tile for tile in (AUTO_TILE, *SMALLER_TILES) if self._fits(tile, pad, memory_bytes // 2)
        )
        return next(fitting, SMALLER_TILES[-1])

    def _fits(self, tile: int, pad: int, budget: int) -> bool:
        return self.activation_bytes((tile + 2 * pad) ** 2) <= budget

    def activation_bytes(self, window_pixels: int) -> int:
        """Peak of the feature maps for one window in float32."""
        result = window_pixels * self.scale**2 * 3 * 4
        tail = min(self.tail_bytes, window_pixels * self.tail_bytes // TAIL_PIXELS)
        return window_pixels * self.bytes_per_pixel + tail + result

    def model_name(self, denoise: float | None) -> str:
        """What the model host loads: one mixture is one model."""
        name = self.host_name or self.name
        return name if denoise is None else f"{name}+denoise-{round(denoise * 100):03d}"

    def as_json(self) -> dict[str, Any]:
        """For the parameters of a job."""
        return asdict(self)

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Network:
        """What `as_json` made."""
        return cls(**data)
