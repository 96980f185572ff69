"""What a person may choose for one enlargement."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

QualityLevel = Literal["fast", "high"]
OutputFormat = Literal["same", "png", "jpg", "webp", "tiff"]
AlphaMode = Literal["resize", "drop"]
ModelName = Literal["auto", "realesrgan-x4plus", "realesrgan-x4plus-anime", "realesr-animevideov3"]
TileSize = int | Literal["auto"]

QUALITY_LEVELS: tuple[QualityLevel, ...] = ("fast", "high")
AUTO_MODEL: ModelName = "auto"
MODEL_NAMES: tuple[ModelName, ...] = get_args(ModelName)
# Words of the original service; its clients get a clear answer instead of another quality.
PLANNED_QUALITY_LEVELS = ("medium", "balanced", "max")
OUTPUT_FORMATS: tuple[OutputFormat, ...] = get_args(OutputFormat)
ALPHA_MODES: tuple[AlphaMode, ...] = get_args(AlphaMode)
# Names of project.images.formats.
SOURCE_FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "HEIC", "AVIF")
MIN_SCALE, MAX_SCALE = 1.0, 16.0
MIN_TILE_SIZE, MAX_TILE_SIZE = 64, 1024
MAX_TILE_PAD = 64
DEFAULT_JPEG_QUALITY = 95


@dataclass(frozen=True, kw_only=True)
class EnhanceOptions:
    """One choice of options; `tile_pad` None means what the network needs.

    A `model` other than `auto` is used whatever the quality level says. `jpeg_quality` is that
    of WEBP, too. `keep_gps` says nothing without `keep_metadata`.
    """

    scale: float = 4.0
    quality_level: QualityLevel = "high"
    model: ModelName = AUTO_MODEL
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
