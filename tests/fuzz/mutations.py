"""Damaged pictures from a fixed seed: the same in every run, at any count."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator

from tests.images import deep_samples, samples

_COSTLY_SHARE = 0.02

SPECIAL = (
    ("empty.png", b""),
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("a.gif", b"GIF89a" + bytes(50)),
    ("a.pdf", b"%PDF-1.7"),
    ("wide.png", samples.png_with_header(2**31 - 1, 1)),
    ("large.png", samples.png_with_header(60_000, 60_000)),
    ("canvas.webp", samples.webp_bomb()),
    ("bomb.png", samples.bomb()),
)


def _seeds() -> list[tuple[str, bytes]]:
    alpha = samples.gradient()
    alpha.putalpha(128)
    grey = samples.gradient().convert("L")
    return [
        ("a.png", samples.save(samples.gradient())),
        ("a.png", samples.save(alpha)),
        ("a.png", samples.save(samples.gradient().quantize(16), transparency=2)),
        ("a.png", samples.save(samples.gradient(), icc_profile=samples.wide_gamut_profile())),
        ("a.jpg", samples.save(samples.gradient(), "JPEG")),
        ("a.jpg", samples.save(grey, "JPEG", progressive=True)),
        ("a.jpg", samples.with_exif(6)),
        ("a.webp", samples.save(samples.gradient(), "WEBP")),
        ("a.webp", samples.save(alpha, "WEBP", lossless=True, exif=b"Exif\x00\x00MM\x00*")),
        ("a.png", samples.animated("PNG")),
        ("a.webp", samples.animated("WEBP")),
        ("a.jpg", samples.save(samples.gradient().convert("CMYK"), "JPEG")),
        ("a.png", deep_samples.png16(deep_samples.ramp())),
        ("a.png", deep_samples.png16(deep_samples.ramp("grey and alpha"))),
        ("a.bmp", samples.save(samples.gradient(), "BMP")),
        ("a.bmp", samples.save(samples.gradient().quantize(16), "BMP")),
        ("a.gif", samples.save(samples.gradient().quantize(16), "GIF", transparency=2)),
        ("a.gif", samples.animated("GIF")),
        ("a.avif", samples.with_exif(6, "AVIF")),
        ("a.avif", samples.save(alpha, "AVIF")),
        ("a.avif", samples.animated("AVIF")),
        *_tiffs(),
    ]


def _tiffs() -> list[tuple[str, bytes]]:
    deep = deep_samples.ramp()
    plain = samples.gradient()
    return [
        ("a.tif", samples.with_exif(6, "TIFF")),
        ("a.tif", samples.save(plain, "TIFF", compression="tiff_lzw")),
        ("a.tif", samples.save(plain, "TIFF", compression="jpeg")),
        ("a.tif", samples.save(plain.convert("1"), "TIFF", compression="group4")),
        ("a.tif", samples.save(plain.convert("CMYK"), "TIFF")),
        ("a.tif", samples.animated("TIFF")),
        ("a.tiff", deep_samples.tiff16(deep, compression="adobe_deflate", predictor=True)),
        ("a.tiff", deep_samples.tiff16(deep, tile=(16, 16), byteorder=">")),
        ("a.tiff", deep_samples.tiff16_lzw(deep)),
    ]


def _costly_seeds() -> list[tuple[str, bytes]]:
    """Decoded in a process of their own, which takes a fifth of a second."""
    return [
        ("a.heic", samples.heic("orientation-6")),
        ("a.heic", samples.heic("alpha")),
        ("a.heif", samples.heic("ten-bit")),
        ("a.heic", samples.heic("crashes-the-decoder")),
    ]


def damaged_files(*, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` pairs of name and content: the special ones first, then mutations."""
    chance = random.Random(seed)
    seeds, costly = _seeds(), _costly_seeds()
    for index in range(count):
        if index < len(SPECIAL):
            yield SPECIAL[index]
            continue
        name, content = chance.choice(costly if chance.random() < _COSTLY_SHARE else seeds)
        damaged = damage(bytearray(content), chance)
        yield name, _with_checksums(damaged) if chance.random() < 0.5 else damaged


def damage(data: bytearray, chance: random.Random) -> bytes:
    """A few bytes changed, cut off, taken out, put in or repeated."""
    for _ in range(chance.choice((1, 1, 1, 2, 4, 32))):
        at = chance.randrange(len(data)) if data else 0
        what = chance.random()
        if what < 0.75 and data:
            data[at] = chance.randrange(256)
        elif what < 0.8:
            del data[at:]
        elif what < 0.86:
            del data[at : at + chance.randrange(1, 16)]
        elif what < 0.93:
            data[at:at] = chance.randbytes(chance.randrange(1, 16))
        else:
            piece = data[at : at + 32]
            data[at:at] = piece
    return bytes(data)


def _with_checksums(data: bytes) -> bytes:
    """Mend the checksums of a PNG, so that the damage gets past them into the decoder."""
    mended, position = bytearray(data), 8
    while data.startswith(b"\x89PNG") and position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        end = position + 8 + length
        if end + 4 > len(data):
            break
        struct.pack_into(">I", mended, end, zlib.crc32(data[position + 4 : end]))
        position = end + 4
    return bytes(mended)
