"""Marked pictures of every format that can be signed, and their pixels."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from project.images.encode import encode
from project.images.marking import SourceType, mark
from tests.images.samples import gradient, save

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF")
EDITED = SourceType.GENERATIVE_EDIT
_XMP_TAG = 700


def marked(format: str, image: Image.Image | None = None) -> bytes:
    """A file with the IPTC mark."""
    return mark(save(image or gradient(96, 64), format), source_type=EDITED)


def ramp(format: str) -> bytes:
    """A marked picture with 16 bits a channel and more levels than 8 bits could hold."""
    row = np.arange(0, 65_536, 64, dtype=np.uint16)
    picture = np.stack([row, row[::-1], row // 2], axis=-1)[None, :].repeat(16, 0)
    return encode(picture, source_type=EDITED, format=format).content


def xmp(content: bytes) -> bytes:
    """The XMP packet as Pillow, which is not our own reader, finds it."""
    image = Image.open(io.BytesIO(content))
    if image.format == "TIFF":
        return bytes(image.tag_v2[_XMP_TAG])
    found = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return found.encode() if isinstance(found, str) else found


def pixels(content: bytes) -> bytes:
    """The decoded picture."""
    return Image.open(io.BytesIO(content)).tobytes()


def offset_of_pixels(content: bytes, format: str) -> int:
    """Where a byte of the compressed pixels lies in a file."""
    if format == "TIFF":
        return int(Image.open(io.BytesIO(content)).tag_v2[273][0]) + 10
    start = {"PNG": b"IDAT", "JPEG": b"\xff\xda", "WEBP": b"VP8 "}[format]
    return content.rindex(start) + 60
