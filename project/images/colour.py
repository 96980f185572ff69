"""Colour: embedded ICC profiles to sRGB, and the sRGB profile that our outputs embed."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image, ImageCms

_DATE_FIELD = slice(24, 36)
_FIXED_DATE = bytes.fromhex("07d0 0001 0001 0000 0000 0000")
_SPACE_OF_MODE = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


# Pillow refuses a PNG whose profile inflates to more: what we store must be readable again.
MAX_KEPT_BYTES = 1 << 20


class UnusableProfile(ValueError):
    """The profile is broken or made for another kind of pixel."""


@cache
def srgb_profile() -> bytes:
    """An sRGB ICC profile; always the same bytes, so that equal pixels give equal files."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[_DATE_FIELD] = _FIXED_DATE
    return bytes(made)


def check_profile(image: Image.Image, profile: bytes) -> None:
    """Raises UnusableProfile when the profile cannot be read or is made for other pixels."""
    _open(profile, _base_mode(image))


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Pixels of mode L, LA, RGB or RGBA as sRGB in the same mode; alpha is untouched.

    Raises UnusableProfile when the profile cannot be read or does not describe such pixels.
    """
    base_mode = _base_mode(image)
    source = _open(profile, base_mode)
    if _describes_srgb(source):
        return image
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    converted = _convert(image.convert(base_mode), source)
    result = converted.getchannel("G") if base_mode == "L" else converted
    if alpha is not None:
        result.putalpha(alpha)
    return result


def cmyk_to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """CMYK pixels as sRGB by their press profile; raises UnusableProfile."""
    return _convert(image, _open(profile, "CMYK"))


def space_of(profile: bytes) -> str:
    """`RGB`, `GRAY`, `CMYK` ..., as the header of an ICC profile says."""
    return profile[16:20].decode("ascii", "replace").strip()


def describes_srgb(profile: bytes) -> bool:
    """Whether a usable RGB profile is sRGB itself; raises UnusableProfile."""
    return _describes_srgb(_open(profile, "RGB"))


def check_profile_of(profile: bytes, *, is_grey: bool) -> None:
    """Raises UnusableProfile as `check_profile` does, for pixels in arrays."""
    _open(profile, "L" if is_grey else "RGB")


def _convert(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    try:
        converted = ImageCms.profileToProfile(
            image,
            source,
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, ValueError) as error:
        raise UnusableProfile(str(error)) from error
    if converted is None:
        raise UnusableProfile("no transform")
    converted.info.clear()  # Pillow leaves the target profile there
    return converted


def _base_mode(image: Image.Image) -> str:
    return "L" if image.mode in ("L", "LA") else "RGB"


def _open(profile: bytes, base_mode: str) -> ImageCms.ImageCmsProfile:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
    except (OSError, TypeError, ValueError) as error:
        raise UnusableProfile(str(error)) from error
    if space != _SPACE_OF_MODE[base_mode]:
        raise UnusableProfile(f"made for {space} pixels")
    return source


def _describes_srgb(source: ImageCms.ImageCmsProfile) -> bool:
    try:
        return ImageCms.getProfileDescription(source).startswith("sRGB")
    except ImageCms.PyCMSError as error:
        raise UnusableProfile(str(error)) from error
