"""What one kind of upload may be. Each feature app builds its own policy."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from project.images.formats import FORMATS, by_extension

MAX_PIXELS = 40_000_000
MAX_SIDE = 12_000


class Metadata(enum.StrEnum):
    """Parts of an upload that a policy may keep; everything else is stripped."""

    ICC = "icc"
    EXIF = "exif"
    GPS = "gps"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Limits and choices of one intake.

    `extensions` are lower case without a dot; each names its format. `keep` lists the metadata
    that survives re-encoding: without ICC the colours are converted to sRGB, GPS means something
    only beside EXIF. `lossless` stores JPEG uploads as PNG too. `max_depth` is 8 or 16 bits per
    channel. `first_frame_only` takes the first frame of an animation and the first page of a
    document, with a warning, where others refuse them.
    """

    extensions: tuple[str, ...]
    max_bytes: int
    max_pixels: int = MAX_PIXELS
    max_side: int = MAX_SIDE
    keep: frozenset[Metadata] = frozenset()
    lossless: bool = False
    max_depth: int = 16
    first_frame_only: bool = False

    def __post_init__(self) -> None:
        """Raises ImproperlyConfigured for an extension that no decoder stands behind."""
        unknown = [name for name in self.extensions if by_extension(name) is None]
        if unknown or not self.extensions:
            raise ImproperlyConfigured(f"upload policy: unknown extensions {unknown}")

    @property
    def formats(self) -> tuple[str, ...]:
        """Names of the accepted formats, in the order of FORMATS."""
        return tuple(
            name for name, known in FORMATS.items() if set(known.extensions) & set(self.extensions)
        )

    def allowed(self) -> dict[str, Any]:
        """What a refusal tells the client."""
        return {
            "formats": list(self.formats),
            "extensions": list(self.extensions),
            "max_bytes": self.max_bytes,
            "max_pixels": self.max_pixels,
            "max_side": self.max_side,
        }


def policy_from_settings(*, extensions: Iterable[str] | None = None) -> Policy:
    """The default policy: UPLOAD_MAX_BYTES, ALLOWED_EXTENSIONS, nothing kept."""
    names = settings.ALLOWED_EXTENSIONS if extensions is None else extensions
    return Policy(
        extensions=tuple(name.lower().lstrip(".") for name in names),
        max_bytes=settings.UPLOAD_MAX_BYTES,
    )


DEFAULT_POLICY = policy_from_settings()

# For files that this platform wrote itself: results may be far larger than any upload.
OWN_FILES = Policy(
    extensions=("png", "jpg", "jpeg", "webp", "tif", "tiff"),
    max_bytes=2**40,
    max_pixels=200_000_000,
    max_side=65_535,
)
