"""The picture formats of the platform: name, media type, extensions, longest side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Format:
    """One format; `extensions` starts with the one that our own files carry."""

    name: str
    media_type: str
    extensions: tuple[str, ...]
    max_side: int


_LONG = 2**31 - 1

FORMATS = {
    known.name: known
    for known in (
        Format(name="PNG", media_type="image/png", extensions=("png",), max_side=_LONG),
        Format(name="JPEG", media_type="image/jpeg", extensions=("jpg", "jpeg"), max_side=65_535),
        Format(name="WEBP", media_type="image/webp", extensions=("webp",), max_side=16_383),
        Format(name="TIFF", media_type="image/tiff", extensions=("tif", "tiff"), max_side=_LONG),
        Format(name="BMP", media_type="image/bmp", extensions=("bmp",), max_side=_LONG),
        Format(name="HEIC", media_type="image/heic", extensions=("heic", "heif"), max_side=32_768),
        Format(name="AVIF", media_type="image/avif", extensions=("avif",), max_side=65_536),
        Format(name="GIF", media_type="image/gif", extensions=("gif",), max_side=65_535),
    )
}


def by_extension(extension: str) -> Format | None:
    """The format that owns `extension` (lower case, no dot), or None."""
    return next((known for known in FORMATS.values() if extension in known.extensions), None)
