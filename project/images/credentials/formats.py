"""The formats that can be signed, and which of them a file is by its first bytes."""

from __future__ import annotations

MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
}


def format_of(content: bytes) -> str | None:
    """PNG, JPEG, WEBP, TIFF or None."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if content.startswith((b"II*\x00", b"MM\x00*")):
        return "TIFF"
    return None
