"""Small pictures made in memory; every byte is the same in every run."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from functools import cache
from pathlib import Path

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from project.images.colour import srgb_profile

ALL_EXTENSIONS = (
    "png", "jpg", "jpeg", "bmp", "tif", "tiff", "webp", "heic", "heif", "avif", "gif",
)  # fmt: skip
_FIXTURES = Path(__file__).parent / "fixtures"
EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "TIFF": "tif"}


def gradient(width: int = 48, height: int = 32) -> Image.Image:
    """Red grows to the right, green downwards; asymmetric, so that a turn shows."""
    x = np.linspace(0, 255, width, dtype=np.uint8)[None, :].repeat(height, 0)
    y = np.linspace(0, 255, height, dtype=np.uint8)[:, None].repeat(width, 1)
    return Image.fromarray(np.dstack([x, y, np.full_like(x, 64)]))


def save(image: Image.Image, format: str = "PNG", **options: object) -> bytes:
    """The bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def upload(content: bytes, name: str = "photo.png") -> SimpleUploadedFile:
    """What Django hands to a view."""
    return SimpleUploadedFile(name, content)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One PNG chunk with its checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_with_header(width: int, height: int, *, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG whose header says anything and whose body is short."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(b"\x00" * 1000))
        + png_chunk(b"IEND", b"")
    )


@cache
def bomb() -> bytes:
    """30,000 x 30,000 pixels of 1 bit in about 110 KB: a complete, valid PNG."""
    row = b"\x00" * (1 + 30_000 // 8)
    pack = zlib.compressobj(9)
    body = b"".join(pack.compress(row * 1000) for _ in range(30)) + pack.flush()
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", body)
        + png_chunk(b"IEND", b"")
    )


def webp_bomb() -> bytes:
    """A WEBP header that announces a canvas of 16,384 x 16,384."""
    canvas = bytes(4) + (16_383).to_bytes(3, "little") * 2
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated(format: str) -> bytes:
    """Two different frames."""
    frames = [gradient(), gradient().rotate(180)]
    return save(frames[0], format, save_all=True, append_images=frames[1:], duration=100)


def with_exif(orientation: int = 1, format: str = "JPEG") -> bytes:
    """A photo with a camera, an owner's note, a place and an orientation."""
    exif = Image.Exif()
    exif[0x010F] = "CanaryCamera"
    exif[0x9286] = "CanaryComment"
    exif[0x0112] = orientation
    exif[0x8825] = {
        1: "N",
        2: (52.0, 31.0, 7.0),
        29: "2026:01:02",
        7: (1.0, 2.0, 3.0),
        27: "CanaryPlace",
    }
    return save(
        gradient(), format, exif=exif.tobytes(), **({"quality": 95} if format == "JPEG" else {})
    )


def _profile_tags(profile: bytes) -> dict[bytes, tuple[int, int]]:
    """Offset and length of each tag."""
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * i) for i in range(count))
    return {name: (offset, length) for name, offset, length in entries}


def _renamed(profile: bytearray) -> bytes:
    """Pillow and we take a profile that is called sRGB for sRGB."""
    description = profile.find("sRGB".encode("utf-16-be"))
    assert description > 0
    profile[description : description + 8] = "Swap".encode("utf-16-be")
    return bytes(profile)


def wide_gamut_profile() -> bytes:
    """An RGB profile that is not sRGB: the sRGB one with red and blue primaries exchanged."""
    profile = bytearray(srgb_profile())
    tags = _profile_tags(profile)
    (red, size), (blue, _) = tags[b"rXYZ"], tags[b"bXYZ"]
    first, second = bytes(profile[red : red + size]), bytes(profile[blue : blue + size])
    profile[red : red + size], profile[blue : blue + size] = second, first
    return _renamed(profile)


def gamma_profile() -> bytes:
    """The sRGB profile with linear curves."""
    profile = bytearray(srgb_profile())
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        offset, length = _profile_tags(profile)[name]
        profile[offset : offset + 12] = b"curv" + bytes(8)
        profile[offset + 12 : offset + length] = bytes(length - 12)
    return _renamed(profile)


def table_profile() -> bytes:
    """An RGB profile that looks colours up in a table that changes none of them (lut8)."""
    grid = [[r, g, b] for r in (0, 255) for g in (0, 255) for b in (0, 255)]
    lut = b"mft1" + bytes(4) + bytes([3, 3, 2, 0])
    lut += struct.pack(">9i", *(65_536 if i % 4 == 0 else 0 for i in range(9)))
    lut += bytes(range(256)) * 3 + bytes(v for point in grid for v in point) + bytes(range(256)) * 3
    tags = {**_own_tags(srgb_profile()), b"A2B0": lut}
    return _profile_of(tags, space=b"RGB ", connection=b"Lab ")


def heic(name: str) -> bytes:
    """A committed sample of fixtures/, 64 x 48 pixels of the gradient."""
    return base64.decodebytes((_FIXTURES / f"{name}.heic.b64").read_bytes())


def press_profile() -> bytes:
    """A CMYK profile of one small table in which ink makes darker and cyan stays cyan."""
    grid = [(c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    lab = (_ink_to_lab(*inks) for inks in grid)
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0])
    lut += struct.pack(">9i", *(65_536 if i % 4 == 0 else 0 for i in range(9)))
    lut += bytes(range(256)) * 4 + bytes(v for point in lab for v in point) + bytes(range(256)) * 3
    return _profile_of(
        {**_own_tags(srgb_profile()), b"A2B0": lut}, space=b"CMYK", connection=b"Lab "
    )


def _ink_to_lab(c: int, m: int, y: int, k: int) -> tuple[int, int, int]:
    if k:
        return 0, 128, 128
    light = 255 - 60 * c - 90 * m - 15 * y
    return light, 128 - 60 * c + 70 * m, 128 - 40 * c - 10 * m + 90 * y


def _own_tags(profile: bytes) -> dict[bytes, bytes]:
    return {name: profile[o : o + size] for name, (o, size) in _profile_tags(profile).items()}


def _profile_of(tags: dict[bytes, bytes], *, space: bytes, connection: bytes) -> bytes:
    """A profile of these tags with the header of the sRGB one."""
    table, body, offset = b"", b"", 132 + 12 * len(tags)
    for name, value in tags.items():
        table += struct.pack(">4sII", name, offset + len(body), len(value))
        body += value + bytes(-len(value) % 4)
    made = bytearray(srgb_profile()[:128] + struct.pack(">I", len(tags)) + table + body)
    struct.pack_into(">I", made, 0, len(made))
    made[16:20], made[20:24] = space, connection
    return _renamed(made)


def grey_profile(gamma: float = 1.0) -> bytes:
    """A grey profile of one curve."""
    tags = {n: v for n, v in _own_tags(srgb_profile()).items() if n in (b"desc", b"wtpt", b"cprt")}
    tags[b"kTRC"] = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    return _profile_of(tags, space=b"GRAY", connection=b"XYZ ")
