"""From distrusted bytes to an upright 8-bit picture. No numpy here: the web process uses it."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageOps

from project.images import errors
from project.images.colour import UnusableProfile, check_profile, to_srgb
from project.images.containers import Container, identify
from project.images.containers.header import Header, Malformed
from project.images.policy import Metadata, Policy

# Whatever damaged bytes make Pillow's parsers raise; anything else is our own mistake.
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
    RuntimeError, EOFError, struct.error, zlib.error, UnicodeError,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
_MODES = {
    "1": "L", "L": "L", "LA": "LA", "La": "LA", "P": "RGB", "PA": "RGBA",
    "RGB": "RGB", "RGBA": "RGBA", "RGBa": "RGBA", "RGBX": "RGB",
}  # fmt: skip
_WITH_ALPHA = {"L": "LA", "RGB": "RGBA"}
# Kinds of file that run or unpack when they are served or opened as something else.
_FOREIGN = (b"%PDF-", b"<?php", b"<script", b"<html", b"<svg", b"<!doctype")
_ZIP_END, _ZIP_END_REACH = b"PK\x05\x06", 65_557


@dataclass(frozen=True, kw_only=True)
class LoadedImage:
    """A decoded picture: `image` is L, LA, RGB or RGBA, 8 bits, upright.

    `icc` is the profile the file carried, `exif` what the policy keeps of it (orientation 1).
    `warnings` holds codes such as `icc_ignored`.
    """

    image: Image.Image
    format: str
    icc: bytes | None
    exif: bytes | None
    warnings: tuple[str, ...] = ()


def load(data: bytes, policy: Policy, *, convert_to_srgb: bool = True) -> LoadedImage:
    """Decode `data` within the limits of `policy`; the header is judged before any pixel.

    Raises UploadRefused with the codes empty_file, too_large_bytes, unsupported_format,
    corrupt_image, animated_not_accepted, unsupported_bit_depth, unsupported_colour_space,
    side_too_long or too_many_pixels.
    """
    container = inspect(data, policy)
    try:
        # Multi-picture JPEGs (MPO, motion photos) begin with the photo itself; the rest is left.
        with Image.open(io.BytesIO(data), formats=(container.NAME,)) as opened:
            _refuse_other_size(opened, container.read_header(data))
            opened.load()
            image = ImageOps.exif_transpose(opened)
            exif = _kept_exif(image, policy)
            image, icc, warnings = _normalise(image, policy, convert_to_srgb=convert_to_srgb)
    except errors.UploadRefused:
        raise
    except _DECODER_ERRORS as error:
        raise errors.corrupt_image(policy) from error
    return LoadedImage(image=image, format=container.NAME, icc=icc, exif=exif, warnings=warnings)


def inspect(data: bytes, policy: Policy) -> Container:
    """Judge everything that can be judged without decoding; returns the container."""
    if not data:
        raise errors.empty_file(policy)
    if len(data) > policy.max_bytes:
        raise errors.too_large_bytes(policy)
    container = identify(data)
    if container is None or container.NAME not in policy.formats:
        raise errors.unsupported_format(policy)
    try:
        _check_limits(container.read_header(data), policy)
        end = container.find_end(data)
    except (Malformed, struct.error) as error:
        raise errors.corrupt_image(policy) from error
    _refuse_foreign_tail(data, end, container, policy)
    return container


def _check_limits(header: Header, policy: Policy) -> None:
    width, height = header.width, header.height
    if max(width, height) > policy.max_side:
        raise errors.side_too_long(policy, width=width, height=height)
    if width * height > policy.max_pixels:
        raise errors.too_many_pixels(policy, width=width, height=height)
    if header.is_animated:
        raise errors.animated_not_accepted(policy)
    if header.bit_depth > 8:
        raise errors.unsupported_bit_depth(policy, bits=header.bit_depth)
    if header.is_cmyk:
        raise errors.unsupported_colour_space(policy)


def _refuse_foreign_tail(data: bytes, end: int, container: Container, policy: Policy) -> None:
    """Cameras append to JPEGs, nobody to PNG and WEBP; archives and markup are refused always."""
    tail = data[end:]
    if not tail.strip(b"\x00"):
        return
    lowered = tail.lower()
    is_foreign = (
        container.NAME != "JPEG"
        or any(sign.lower() in lowered for sign in _FOREIGN)
        or _ZIP_END in tail[-_ZIP_END_REACH:]
    )
    if is_foreign:
        raise errors.foreign_content(policy)


def _refuse_other_size(opened: Image.Image, header: Header) -> None:
    """The limits were checked on our reading of the header; the decoder must agree with it."""
    if opened.size != (header.width, header.height):
        raise Malformed("the decoder reads another size")


def _kept_exif(image: Image.Image, policy: Policy) -> bytes | None:
    if Metadata.EXIF not in policy.keep:
        return None
    exif = image.getexif()
    exif.pop(ExifTags.Base.Orientation, None)
    if Metadata.GPS not in policy.keep:
        exif.pop(ExifTags.IFD.GPSInfo, None)
    return exif.tobytes() if len(exif) else None


def _normalise(
    image: Image.Image, policy: Policy, *, convert_to_srgb: bool
) -> tuple[Image.Image, bytes | None, tuple[str, ...]]:
    """One of the four modes, in sRGB unless the profile is to stay; no metadata left."""
    icc: bytes | None = image.info.get("icc_profile") or None
    mode = _MODES.get(image.mode)
    if mode is None:
        raise errors.unsupported_colour_space(policy)
    if "transparency" in image.info:
        mode = _WITH_ALPHA.get(mode, mode)
    plain = image.convert(mode)
    plain.info.clear()
    if icc is None:
        return plain, None, ()
    try:
        if convert_to_srgb:
            return to_srgb(plain, icc), icc, ()
        check_profile(plain, icc)
    except UnusableProfile:
        # Every viewer shows such a file without its profile, so that is what the owner saw.
        return plain, None, ("icc_ignored",)
    return plain, icc, ()
