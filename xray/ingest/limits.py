"""How large films may be, and what the operator permits: from the settings."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from project.images.formats import FORMATS
from project.images.policy import Policy
from xray.ingest.quality import QualityLimits
from xray.ingest.sniff import DICOM, RASTERS

_MAX_SIDE = 30_000
_EXTENSIONS = tuple(name for known in RASTERS for name in FORMATS[known].extensions)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Bytes and pixels of one file by its kind; `takes_adults` as OMNILENS_XRAY_ADULTS says."""

    raster_max_bytes: int
    raster_max_pixels: int
    dicom_max_bytes: int
    dicom_max_pixels: int
    takes_adults: bool

    def max_bytes(self, kind: str) -> int:
        """Of `DICOM` or of a picture format."""
        return self.dicom_max_bytes if kind == DICOM else self.raster_max_bytes

    def policy(self) -> Policy:
        """What project.images may decode for this room: everything to grey, nothing kept."""
        return Policy(
            extensions=_EXTENSIONS,
            max_bytes=self.raster_max_bytes,
            max_pixels=self.raster_max_pixels,
            max_side=_MAX_SIDE,
            first_frame_only=True,
        )

    def allowed(self) -> dict[str, Any]:
        """What a refusal tells the client."""
        return {
            "formats": [DICOM, *RASTERS],
            "max_bytes": self.raster_max_bytes,
            "max_pixels": self.raster_max_pixels,
            "dicom_max_bytes": self.dicom_max_bytes,
            "dicom_max_pixels": self.dicom_max_pixels,
        }


def current_limits() -> Limits:
    """From OMNILENS_XRAY_*."""
    return Limits(
        raster_max_bytes=settings.XRAY_RASTER_MAX_BYTES,
        raster_max_pixels=settings.XRAY_RASTER_MEGAPIXELS * 1_000_000,
        dicom_max_bytes=settings.XRAY_DICOM_MAX_BYTES,
        dicom_max_pixels=settings.XRAY_DICOM_MEGAPIXELS * 1_000_000,
        takes_adults=settings.XRAY_ADULTS,
    )


def quality_limits() -> QualityLimits:
    """The thresholds of quality.py with what OMNILENS_XRAY_QUALITY changes.

    Raises ImproperlyConfigured, naming what may be changed, for an unknown name.
    """
    changed: dict[str, float] = settings.XRAY_QUALITY
    known = [field.name for field in fields(QualityLimits)]
    unknown = sorted(set(changed) - set(known))
    if unknown:
        raise ImproperlyConfigured(
            f"OMNILENS_XRAY_QUALITY: unknown {', '.join(unknown)}; there are {', '.join(known)}"
        )
    return replace(QualityLimits(), **changed)
