"""HEIC by libheif and libde265, which only decode. Imported when the first one arrives."""

from __future__ import annotations

from PIL import Image


def open_heic(data: bytes) -> Image.Image:
    """The primary picture, decoded, upright and with 8 bits per channel.

    libheif turns, mirrors and crops as the file says; an orientation in its EXIF block repeats
    that for old readers and is dropped. Raises what the library raises on damaged bytes.
    """
    # Not registered with Pillow: no other path of the platform is to reach this decoder.
    import pi_heif

    file = pi_heif.open_heif(data, convert_hdr_to_8bit=True)
    decoded = file[file.primary_index].to_pillow()
    kept = {name: decoded.info.get(name) for name in ("icc_profile", "exif")}
    decoded.info = {name: value for name, value in kept.items() if value}
    return decoded
