"""Pictures of 16 bits per channel, written by programs that are not ours."""

from __future__ import annotations

import io
import struct
import zlib

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from tests.images.samples import png_chunk

HEIGHT, WIDTH = 37, 53
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
KINDS = ("grey", "grey and alpha", "RGB", "RGBA")


def ramp(kind: str = "RGB") -> NDArray[np.uint16]:
    """H x W x channels with some two thousand levels; asymmetric, so that a turn shows."""
    rows, columns = np.arange(HEIGHT), np.arange(WIDTH)
    red = (np.add.outer(rows * 900, columns * 601)).astype(np.uint16)
    green = np.add.outer(rows * 1700, columns * 31).astype(np.uint16)
    blue = np.add.outer(rows * 11, columns * 1200).astype(np.uint16)
    alpha = np.add.outer(rows * 5, columns * 1203).astype(np.uint16)
    channels = {
        "grey": (red,),
        "grey and alpha": (red, alpha),
        "RGB": (red, green, blue),
        "RGBA": (red, green, blue, alpha),
    }[kind]
    return np.dstack(channels)


def png16(pixels: NDArray[np.uint16], *extra: tuple[bytes, bytes]) -> bytes:
    """A PNG without filters; `extra` chunks stand before the pixels."""
    height, width, channels = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[channels], 0, 0, 0)
    rows = b"".join(b"\x00" + row.astype(">u2").tobytes() for row in pixels)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + b"".join(png_chunk(kind, body) for kind, body in extra)
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


def tiff16(pixels: NDArray[np.uint16], **options: object) -> bytes:
    """A TIFF by tifffile; options are those of `tifffile.imwrite`."""
    channels = pixels.shape[2]
    buffer = io.BytesIO()
    settings: dict[str, object] = {
        "photometric": "rgb" if channels > 2 else "minisblack",
        "extrasamples": ["unassalpha"] if channels in (2, 4) else None,
        "metadata": None,
    }
    tifffile.imwrite(buffer, pixels[..., 0] if channels == 1 else pixels, **{**settings, **options})
    return buffer.getvalue()


def tiff16_lzw(pixels: NDArray[np.uint16]) -> bytes:
    """A TIFF by libtiff with LZW and a predictor (OpenCV's default)."""
    bgr = pixels[..., ::-1] if pixels.shape[2] == 3 else pixels[..., [2, 1, 0, 3]]
    done, encoded = cv2.imencode(".tiff", bgr, [cv2.IMWRITE_TIFF_COMPRESSION, 5])
    assert done
    return encoded.tobytes()


def exif_block(orientation: int) -> bytes:
    """A bare TIFF structure with an orientation and nothing else."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"MM\x00*\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
