"""Which pictures may be enlarged, and how large things may get."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings

from enhance.options import EnhanceOptions
from enhance.plan import Limits
from project.images import storage
from project.images.formats import by_extension
from project.images.models import ImageRecord
from project.images.names import extension_of
from project.images.policy import OWN_FILES, Metadata, Policy

_EXTENSIONS = (
    "png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp", "heic", "heif", "avif", "gif",
)  # fmt: skip
# Where a PNG says what it holds, and the bit that says transparency (a palette is none of ours:
# the intake writes grey or RGB, with or without alpha).
_PNG_COLOUR_TYPE, _PNG_ALPHA = 25, 4
# Lossless: what JPEG adds to a picture, the network would enlarge.
UPLOADS = Policy(
    extensions=tuple(name for name in _EXTENSIONS if by_extension(name)),
    max_bytes=50_000_000,
    max_pixels=64_000_000,
    max_side=30_000,
    lossless=True,
    first_frame_only=True,
)


def kept_metadata(options: EnhanceOptions) -> frozenset[Metadata]:
    """What the owner wants to keep; what is not here is not even stored with the upload."""
    if not options.keep_metadata:
        return frozenset()
    kept = {Metadata.ICC, Metadata.EXIF}
    return frozenset(kept | {Metadata.GPS} if options.keep_gps else kept)


def upload_policy(options: EnhanceOptions) -> Policy:
    """The policy of an upload with these options."""
    return replace(UPLOADS, keep=kept_metadata(options))


def stored_policy(options: EnhanceOptions) -> Policy:
    """How the worker reads the stored original: a retry may want less than was stored."""
    return replace(OWN_FILES, keep=kept_metadata(options))


def limits() -> Limits:
    """From the settings."""
    return Limits(
        output_pixels=settings.ENHANCE_OUTPUT_MEGAPIXELS * 1_000_000,
        high_quality_cpu_pixels=settings.ENHANCE_CPU_HIGH_MEGAPIXELS * 1_000_000,
    )


def uploaded_format(record: ImageRecord) -> str:
    """What the owner uploaded, a name of formats.FORMATS; the stored copy is always PNG.

    Intake has compared the extension with the content, so the name can be believed.
    """
    named = by_extension(extension_of(record.original_name))
    return named.name if named else record.format


def stored_alpha(record: ImageRecord) -> bool:
    """Whether the stored PNG has transparency, by its header. Raises FileNotFoundError."""
    with storage.open_file(record.file) as file:
        return bool(file.read(_PNG_COLOUR_TYPE + 1)[-1] & _PNG_ALPHA)


def intake_warnings(record: ImageRecord | None) -> list[str]:
    """Codes of what the intake left out of the upload."""
    return [] if record is None else list(record.warnings)
