"""The stored values of a DICOM film, out of native or compressed pixels."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from project.images.errors import TooBusy
from xray.ingest.codestream import Announced, announced
from xray.ingest.dataset import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    DataSet,
    fragments,
)
from xray.ingest.geometry import Geometry, UnknownKind
from xray.ingest.tags import Tag
from xray.ingest.walk import Damaged

TIMEOUT_SECONDS = 60
# Each child takes a hundred megabytes before it has seen a film.
CHILDREN, PATIENCE_SECONDS = 4, 30.0
# Profiles, thumbnails and comments within a compressed stream.
_BESIDE_PIXELS = 1_000_000
_children = threading.BoundedSemaphore(CHILDREN)
RLE, JPEG_BASELINE = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50"
NATIVE = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG})
# JPEG baseline, extended, lossless (two), JPEG-LS (two), JPEG 2000 (two).
STREAMS = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70, 80, 81, 90, 91))
SYNTAXES = NATIVE | STREAMS | {RLE}
_CHILD = Path(__file__).with_name("decode_child.py")
# What an interpreter may need to find its libraries; no secret of ours.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
_DTYPES = frozenset({"|u1", "|i1", "<u2", "<i2"})


class UnknownSyntax(ValueError):
    """Compressed in a way that no decoder here takes."""


def stored_values(data: DataSet, geometry: Geometry) -> NDArray[Any]:
    """(rows, columns) of int32 or, in colour, (rows, columns, 3) uint8 or uint16 RGB.

    Grey values are cut out of their bits and carry their sign. Raises Damaged when the bytes do not
    agree with the announced size, UnknownSyntax, UnknownKind.
    """
    if data.syntax not in SYNTAXES:
        raise UnknownSyntax
    if (data.syntax in NATIVE) == data.is_encapsulated:
        raise Damaged("pixels of another syntax")
    bits = geometry.stored
    if data.syntax in NATIVE:
        found = _native(data, geometry)
    else:
        found, bits = _compressed(data, geometry)
    shape = (geometry.rows, geometry.columns) + (() if geometry.is_grey else (3,))
    if found.shape != shape:
        raise Damaged("the decoder found another size")
    if not geometry.is_grey:
        return found
    has_own_place = data.syntax in NATIVE or data.syntax == RLE
    shift = geometry.high_bit + 1 - geometry.stored if has_own_place else 0
    return _cut_out(found, bits, shift, is_signed=geometry.is_signed)


def _cut_out(found: NDArray[Any], bits: int, shift: int, *, is_signed: bool) -> NDArray[np.int32]:
    """The bits of the value alone: overlays may lie in the others (PS3.5 section 8.1.1)."""
    tones = found.view(f"u{found.dtype.itemsize}").astype(np.int32)
    tones >>= shift
    tones &= (1 << bits) - 1
    if is_signed:
        sign = 1 << (bits - 1)
        tones ^= sign
        tones -= sign
    return tones


def _native(data: DataSet, geometry: Geometry) -> NDArray[Any]:
    raw = data.elements[Tag.PIXELS].value
    is_halved = geometry.photometric == "YBR_FULL_422"
    if geometry.photometric in ("YBR_ICT", "YBR_RCT") or is_halved:
        raise UnknownKind
    extra = len(raw) - geometry.native_bytes
    # One byte makes an odd length even; some writers fill up to a block, none by a whole row.
    if extra < 0 or extra > geometry.native_bytes // geometry.rows:
        raise Damaged("another length than announced")
    dtype = np.dtype(f"{data.order}u{geometry.allocated // 8}")
    flat = np.frombuffer(raw, dtype, count=geometry.pixels * geometry.samples)
    if data.order == ">" and data.elements[Tag.PIXELS].vr == "OW" and dtype.itemsize == 1:
        # Bytes within 16-bit words are swapped (PS3.5 annex A.3); an odd end stands in the padding.
        flat = np.frombuffer(_swapped(raw), dtype, count=geometry.pixels * geometry.samples)
    flat = flat.astype(dtype.newbyteorder("="), copy=False)
    if geometry.is_grey:
        return flat.reshape(geometry.rows, geometry.columns)
    if geometry.planar == 1:
        colour = flat.reshape(3, geometry.rows, geometry.columns).transpose(1, 2, 0)
    else:
        colour = flat.reshape(geometry.rows, geometry.columns, 3)
    return _from_ybr(colour) if geometry.photometric == "YBR_FULL" else colour


def _swapped(raw: memoryview) -> bytes:
    return np.frombuffer(raw[: len(raw) // 2 * 2], "<u2").byteswap().tobytes()


def _from_ybr(colour: NDArray[Any]) -> NDArray[Any]:
    """PS3.3 C.7.6.3.1.2, 8 bits."""
    if colour.dtype.itemsize != 1:
        raise UnknownKind
    image = Image.fromarray(np.ascontiguousarray(colour), "YCbCr")
    return np.asarray(image.convert("RGB"))


def _compressed(data: DataSet, geometry: Geometry) -> tuple[NDArray[Any], int]:
    """The pixels and how many bits of them count: a stream may hold more than the data set says."""
    stream = b"".join(fragments(data.elements[Tag.PIXELS].value))
    if not stream or len(stream) > 2 * geometry.native_bytes + _BESIDE_PIXELS:
        raise Damaged("no fragment, or more than the pixels themselves")
    bits = geometry.stored
    if data.syntax in STREAMS:
        found = announced(memoryview(stream))
        expected = (geometry.rows, geometry.columns, geometry.samples)
        if found is None or found[:3] != expected or found.bits > 16:
            raise Damaged("the compressed picture has another size")
        bits = max(bits, found.bits)
        if _is_plain_jpeg(data.syntax, found):
            return _plain_jpeg(stream), bits
    return _by_child(stream, data.syntax, geometry), bits


def _is_plain_jpeg(syntax: str, found: Announced) -> bool:
    return syntax == JPEG_BASELINE and found.samples == 1 and found.bits == 8


def _plain_jpeg(stream: bytes) -> NDArray[np.uint8]:
    """Grey with 8 bits, as most films in JPEG are: Pillow reads it here and now."""
    try:
        with Image.open(io.BytesIO(stream), formats=("JPEG",)) as image:
            if image.mode != "L":
                raise Damaged("no grey picture")
            return np.asarray(image)
    except (OSError, SyntaxError, ValueError, LookupError, TypeError, Image.DecompressionBombError):
        raise Damaged("broken compression") from None


def _by_child(stream: bytes, syntax: str, geometry: Geometry) -> NDArray[Any]:
    options: dict[str, Any] = {
        "syntax": syntax,
        "rows": geometry.rows,
        "columns": geometry.columns,
        "samples_per_pixel": geometry.samples,
        "bits_allocated": geometry.allocated,
        "bits_stored": geometry.stored,
        "pixel_representation": int(geometry.is_signed),
        "photometric_interpretation": geometry.photometric,
    }
    if geometry.samples > 1:
        options["planar_configuration"] = geometry.planar
    answer = _run(json.dumps(options).encode() + b"\n" + stream)
    line, _, _ = answer[:1000].partition(b"\n")
    try:
        facts = json.loads(line)
        if facts["dtype"] not in _DTYPES:
            raise Damaged("the decoder gave other values")
        flat = np.frombuffer(answer, facts["dtype"], offset=len(line) + 1)
        return flat.reshape(facts["shape"])
    except (ValueError, LookupError, TypeError):
        raise Damaged("the decoder gave other values") from None


def _run(given: bytes) -> bytes:
    """What the child answers. Raises Damaged, or TooBusy when all children are at work for long."""
    if not _children.acquire(timeout=PATIENCE_SECONDS):
        raise TooBusy
    try:
        return subprocess.run(
            [sys.executable, "-I", str(_CHILD)],
            input=given,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            check=True,
        ).stdout
    except (subprocess.SubprocessError, OSError):
        raise Damaged("the decoder gave no picture") from None
    finally:
        _children.release()
