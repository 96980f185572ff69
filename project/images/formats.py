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


FORMATS = {
    known.name: known
    for known in (
        Format(name="PNG", media_type="image/png", extensions=("png",), max_side=2**31 - 1),
        Format(name="JPEG", media_type="image/jpeg", extensions=("jpg", "jpeg"), max_side=65_535),
        Format(name="WEBP", media_type="image/webp", extensions=("webp",), max_side=16_383),
        Format(
            name="TIFF", media_type="image/tiff", extensions=("tif", "tiff"), max_side=2**31 - 1
        ),
    )
}


def by_extension(extension: str) -> Format | None:
    """The format that owns `extension` (lower case, no dot), or None."""
    return next((known for known in FORMATS.values() if extension in known.extensions), None)
