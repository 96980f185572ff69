"""What a person may choose for one enlargement."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

QualityLevel = Literal["fast", "medium", "high", "max"]
OutputFormat = Literal["same", "png", "jpg", "webp", "tiff"]
AlphaMode = Literal["model", "resize", "drop"]
TileSize = int | Literal["auto"]
FaceRestore = Literal["off", "auto", "required"]
FaceChoice = Literal["all", "centre", "largest", "none"]
FaceSelection = FaceChoice | tuple[int, ...]
FaceModel = Literal["auto", "1.4", "1.3", "1.2"]

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
FACE_RESTORES: tuple[FaceRestore, ...] = get_args(FaceRestore)
FACE_CHOICES: tuple[FaceChoice, ...] = get_args(FaceChoice)
FACE_MODELS: tuple[FaceModel, ...] = get_args(FaceModel)
# More than this is a broken detector or a crowd, where a restored face shows nothing.
MAX_FACES = 64
MIN_MIN_FACE, MAX_MIN_FACE = 20, 2000


@dataclass(frozen=True, kw_only=True)
class EnhanceOptions:
    """One choice of options; `tile_pad` None means what network and quality level need.

    Faces: `auto` restores them when the weights are there, `required` is refused without. `faces`
    names which, by word or by index from left to right; `min_face` is the smallest side in pixels
    of the source; an `aligned` picture is itself one upright face. `fidelity` 1 shows the restored
    face, 0 what is behind it. Without `background` only faces pass a network.

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
    face_restore: FaceRestore = "auto"
    face_model: FaceModel = "auto"
    faces: FaceSelection = "all"
    min_face: int = MIN_MIN_FACE
    aligned: bool = False
    fidelity: float = 1.0
    background: bool = True

    def __post_init__(self) -> None:
        """JSON knows no tuples; equal options must stay equal after a round trip."""
        if isinstance(self.faces, list):
            object.__setattr__(self, "faces", tuple(self.faces))

    def as_json(self) -> dict[str, Any]:
        """For storage and for the API."""
        chosen = asdict(self)
        if not isinstance(self.faces, str):
            chosen["faces"] = list(self.faces)
        return chosen
