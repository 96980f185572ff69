"""Which pictures may be enlarged, and how large things may get."""

from __future__ import annotations

from django.conf import settings

from enhance.plan import Limits
from project.images.formats import by_extension
from project.images.models import ImageRecord
from project.images.names import extension_of
from project.images.policy import Policy

# Lossless: what JPEG adds to a picture, the network would enlarge.
UPLOADS = Policy(
    extensions=("png", "jpg", "jpeg", "webp"),
    max_bytes=50_000_000,
    max_pixels=64_000_000,
    max_side=30_000,
    lossless=True,
)


def limits() -> Limits:
    """From the settings."""
    return Limits(
        output_pixels=settings.ENHANCE_OUTPUT_MEGAPIXELS * 1_000_000,
        high_quality_cpu_pixels=settings.ENHANCE_CPU_HIGH_MEGAPIXELS * 1_000_000,
    )


def uploaded_format(record: ImageRecord) -> str:
    """PNG, JPEG or WEBP: what the owner uploaded, where the stored copy is always PNG.

    Intake has compared the extension with the content, so the name can be believed.
    """
    named = by_extension(extension_of(record.original_name))
    return named.name if named else record.format
