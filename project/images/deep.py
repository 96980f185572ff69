"""16 bits per channel, PNG and TIFF: decoded by OpenCV, the one place that knows it.

Import it lazily: numpy and OpenCV cost tens of megabytes that most processes never need.
Channels are RGB outside of this module.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from project.images.colour import MAX_KEPT_BYTES, UnusableProfile, check_profile_of
from project.images.containers import png, tiff
from project.images.containers.header import Malformed
from project.images.containers.tiff_directory import (
    byte_order,
    first_offset,
    integers,
    read_directory,
)
from project.images.deep_colour import CannotConvert, to_srgb16
from project.images.exif import kept_exif, orientation_of, read_exif
from project.images.inspection import Inspected
from project.images.loading import ICC_IGNORED, check_size, decoding
from project.images.policy import Metadata, Policy

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Damaged uploads are refusals, not news for the log.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
# What the decoder needs of a PNG; profiles, text and further frames do not reach it.
_PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})


@dataclass(frozen=True, kw_only=True)
class DeepImage:
    """A decoded picture: uint16 H x W x 1 or 3, upright; `alpha` uint16 H x W or None.

    `icc`, `exif` and `warnings` as in loading.LoadedImage.
    """

    array: NDArray[np.uint16]
    alpha: NDArray[np.uint16] | None
    format: str
    icc: bytes | None
    exif: bytes | None
    warnings: tuple[str, ...] = ()

    @property
    def is_grey(self) -> bool:
        """Whether there is one channel."""
        return bool(self.array.shape[2] == 1)


def load_deep(data: bytes, inspected: Inspected, policy: Policy) -> DeepImage | None:
    """Decode what `inspect` has judged. None when only 8 bits can be converted to sRGB.

    Raises UploadRefused (corrupt_image).
    """
    name = inspected.container.NAME
    with decoding(policy):
        pixels, icc, metadata = _from_png(data) if name == "PNG" else _from_tiff(data)
        check_size((pixels.shape[1], pixels.shape[0]), inspected.header)
        exif, warnings = kept_exif(metadata, policy)
    alpha = np.ascontiguousarray(pixels[..., -1]) if pixels.shape[2] in (2, 4) else None
    array = np.ascontiguousarray(pixels[..., : 1 if pixels.shape[2] < 3 else 3])
    if icc is not None:
        try:
            check_profile_of(icc, is_grey=array.shape[2] == 1)
            if Metadata.ICC not in policy.keep or len(icc) > MAX_KEPT_BYTES:
                array, icc = to_srgb16(array, icc), None
        except UnusableProfile:
            icc, warnings = None, (*warnings, ICC_IGNORED)
        except CannotConvert:
            return None
    return DeepImage(
        array=array,
        alpha=alpha,
        format=name,
        icc=icc,
        exif=exif,
        warnings=(*inspected.warnings, *warnings),
    )


def turned(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """A view of the pixels the right way up; `orientation` is EXIF's, 1 to 8."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    rows, columns = {
        2: (1, -1), 3: (-1, -1), 4: (-1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1),
    }.get(orientation, (1, 1))  # fmt: skip
    return pixels[::rows, ::columns]


def _from_png(data: bytes) -> tuple[NDArray[np.uint16], bytes | None, Image.Exif]:
    chunks = list(png.chunks(data))
    bare = png.SIGNATURE + b"".join(data[c.start : c.end] for c in chunks if c.kind in _PNG_CHUNKS)
    pixels = _imdecode(bare)
    if png.colour_type(data) in (0, 4) and pixels.shape[2] == 4:
        pixels = pixels[..., [0, 3]]  # the decoder spreads grey with alpha over three channels
    bodies = {chunk.kind: chunk.body for chunk in chunks if chunk.kind in (b"eXIf", b"tRNS")}
    if b"tRNS" in bodies:
        pixels = _with_transparent_colour(pixels, bodies[b"tRNS"])
    exif = read_exif(bodies.get(b"eXIf"))
    return turned(pixels, orientation_of(exif)), png.read_icc(data), exif


def _with_transparent_colour(pixels: NDArray[np.uint16], body: bytes) -> NDArray[np.uint16]:
    """Alpha 0 where the colour is the one that the chunk names; OpenCV skips it for grey."""
    channels = pixels.shape[2]
    if channels not in (1, 3) or len(body) != 2 * channels:
        raise Malformed("a broken transparent colour")
    key = np.frombuffer(body, ">u2")
    alpha = np.where((pixels == key).all(axis=2), 0, 65_535).astype(np.uint16)
    return np.concatenate([pixels, alpha[..., None]], axis=2)


def _from_tiff(data: bytes) -> tuple[NDArray[np.uint16], bytes | None, Image.Exif]:
    order = byte_order(data)
    page = read_directory(data, order, first_offset(data, order))
    pixels = _imdecode(data)  # turned upright already, for TIFF alone
    if integers(page.fields[tiff.PHOTOMETRIC], order) == (tiff.WHITE_IS_ZERO,):
        pixels = ~pixels
    extra = integers(page.fields.get(tiff.EXTRA_SAMPLES), order)
    if pixels.shape[2] == 4 and extra[:1] == (tiff.ASSOCIATED_ALPHA,):
        pixels = _unassociated(pixels)
    elif pixels.shape[2] == 4 and extra[:1] != (tiff.UNASSOCIATED_ALPHA,):
        pixels = pixels[..., :3]  # a fourth channel that is not said to be alpha
    profile = page.fields.get(tiff.ICC)
    with Image.open(io.BytesIO(data), formats=("TIFF",)) as opened:
        exif = opened.getexif()
    return pixels, bytes(profile.data) if profile else None, exif


def _imdecode(data: bytes) -> NDArray[Any]:
    """uint16 H x W x channels in RGB order."""
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise Malformed("the decoder gave up") from error
    if decoded is None or decoded.dtype != np.uint16:
        raise Malformed("the decoder gave up")
    if decoded.ndim == 2:
        return decoded[..., None]
    swap = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}[decoded.shape[2]]
    return cv2.cvtColor(decoded, swap, dst=decoded)


def _unassociated(pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Colours divided by their alpha, a band of rows at a time."""
    made = pixels.copy()
    for top in range(0, len(pixels), 256):
        band = pixels[top : top + 256].astype(np.float32)
        alpha = np.maximum(band[..., 3:], 1)
        made[top : top + 256, :, :3] = np.minimum(np.rint(band[..., :3] * (65_535 / alpha)), 65_535)
    return made
