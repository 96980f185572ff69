"""EXIF of uploads: what may stay is listed, everything else goes."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image

from project.images.policy import Metadata, Policy

ORIENTATION = ExifTags.Base.Orientation
EXIF_IGNORED = "exif_ignored"
_MAX_BYTES = 60_000
_MAX_VALUE = 8_000
# Description, camera, resolution, software, date, author, copyright, rating. Not listed: where
# the pixels of the source lie, its thumbnail, XMP, IPTC and Photoshop's own block.
_KEPT = frozenset(
    {
        270,
        271,
        272,
        282,
        283,
        296,
        305,
        306,
        315,
        316,
        18_246,
        18_249,
        33_432,
        *range(40_091, 40_096),
    }
)
# Maker notes hold offsets that break when they move, serial numbers and sometimes the place;
# the sides would be wrong for a result; the interoperability directory says nothing.
_DROPPED_FROM_PHOTO = frozenset({0x927C, 0xA002, 0xA003, 0xA005})
# Exif's own range and nothing else that Pillow has a name for: XMP, IPTC, Photoshop's block or a
# pointer to the place, put among them, would get past the list above.
_PHOTO_RANGES = (*range(33_434, 33_438), *range(34_850, 34_853), 34_855, 34_856,
                 *range(34_864, 34_870), *range(36_864, 42_241))  # fmt: skip
_PHOTO_TAGS = frozenset(int(tag) for tag in ExifTags.Base) & frozenset(_PHOTO_RANGES)
_PHOTO_TAGS -= _DROPPED_FROM_PHOTO
_UNREADABLE = (
    OSError, SyntaxError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
    RuntimeError, EOFError, struct.error,
)  # fmt: skip


def orientation_of(exif: Image.Exif) -> int:
    """1 to 8; 1 for anything else."""
    value = exif.get(ORIENTATION, 1)
    return value if value in range(1, 9) else 1


def read_exif(block: bytes | None) -> Image.Exif:
    """A parsed block as PNG, WEBP or HEIC carry it; an empty one when it cannot be read."""
    exif = Image.Exif()
    try:
        exif.load(block or b"")
    except _UNREADABLE:
        return Image.Exif()
    return exif


def upright(block: bytes) -> bytes:
    """The block with orientation 1, or an empty one when it cannot be read."""
    exif = read_exif(block)
    exif[ORIENTATION] = 1
    try:
        return exif.tobytes()
    except _UNREADABLE:
        return b""


def kept_exif(exif: Image.Exif, policy: Policy) -> tuple[bytes | None, tuple[str, ...]]:
    """The block that the policy keeps, with orientation 1, and warnings."""
    if Metadata.EXIF not in policy.keep or not len(exif):
        return None, ()
    try:
        block = _block(exif, keeps_place=Metadata.GPS in policy.keep)
    except _UNREADABLE:
        return None, (EXIF_IGNORED,)
    if block is not None and len(block) > _MAX_BYTES:
        return None, (EXIF_IGNORED,)
    return block, ()


def _block(exif: Image.Exif, *, keeps_place: bool) -> bytes | None:
    kept = Image.Exif()
    kept.endian = "<"  # as our TIFF files, whose directory the fields may join
    for tag, value in _short(exif).items():
        if tag in _KEPT:
            kept[tag] = value
    photo = _short(exif.get_ifd(ExifTags.IFD.Exif))
    photo = {tag: value for tag, value in photo.items() if tag in _PHOTO_TAGS}
    if photo:
        kept[ExifTags.IFD.Exif] = photo
    place = _short(exif.get_ifd(ExifTags.IFD.GPSInfo)) if keeps_place else {}
    if place:
        kept[ExifTags.IFD.GPSInfo] = place
    if not len(kept):
        return None
    kept[ORIENTATION] = 1
    return kept.tobytes()


def _short(values: Mapping[int, Any]) -> dict[int, Any]:
    return {
        tag: value
        for tag, value in values.items()
        if not isinstance(value, dict)
        and not (isinstance(value, bytes | str) and len(value) > _MAX_VALUE)
    }
