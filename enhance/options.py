"""What a person may choose for one enlargement."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

QualityLevel = Literal["fast", "medium", "high", "max"]
OutputFormat = Literal["same", "png", "jpg", "webp", "tiff"]
AlphaMode = Literal["model", "resize", "drop"]
TileSize = int | Literal["auto"]

QUALITY_LEVELS: tuple[QualityLevel, ...] = get_args(QualityLevel)
# A second word of the original service for the same level.
QUALITY_ALIASES: dict[str, QualityLevel] = {"balanced": "medium"}
AUTO_MODEL = "auto"
MAX_MODEL_NAME = 100
OUTPUT_FORMATS: tuple[OutputFormat, ...] = get_args(OutputFormat)
ALPHA_MODES: tuple[AlphaMode, ...] = get_args(AlphaMode)
# Names of project.images.formats.
SOURCE_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "HEIC", "AVIF")
MIN_SCALE, MAX_SCALE = 1.0, 16.0
MAX_TARGET_SIDE, MAX_TARGET_MEGAPIXELS = 200_000, 2_000.0
MIN_TILE_SIZE, MAX_TILE_SIZE = 64, 1024
MAX_TILE_PAD = 64
DEFAULT_JPEG_QUALITY = 95
# The ways to say how large the result is to be; a target excludes a scale.
TARGETS = ("target_width", "target_height", "megapixels")
SIZES = ("scale", *TARGETS)


@dataclass(frozen=True, kw_only=True)
class EnhanceOptions:
    """One choice of options; `tile_pad` None means what network and quality level need.

    The size is `scale` times each side, or a target: `target_width` and `target_height` in
    pixels (with both, the largest result that fits into them), or `megapixels` (10^6 pixels).
    With a target `scale` is None. A `model` other than `auto` is used whatever network the
    quality level would choose. `denoise` 0..1 (None: the network has no such choice) mixes the
    two general-x4v3 networks. `jpeg_quality` is that of WEBP, too. `keep_gps` says nothing
    without `keep_metadata`.
    """

    scale: float | None = 4.0
    target_width: int | None = None
    target_height: int | None = None
    megapixels: float | None = None
    quality_level: QualityLevel = "high"
    model: str = AUTO_MODEL
    denoise: float | None = None
    output_format: OutputFormat = "same"
    jpeg_quality: int = DEFAULT_JPEG_QUALITY
    keep_metadata: bool = True
    keep_gps: bool = False
    alpha: AlphaMode = "resize"
    tile_size: TileSize = "auto"
    tile_pad: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For storage and for the API."""
        return asdict(self)
