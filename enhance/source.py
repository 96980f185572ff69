"""From a decoded original to what the pipeline works on."""

from __future__ import annotations

import numpy as np

from enhance.options import EnhanceOptions
from enhance.pipeline.tiling import Pixels
from enhance.pipeline.upscale import Request
from enhance.plan import Plan
from enhance.policy import stored_policy
from project.images import storage
from project.images.decode import Picture, decode
from project.images.errors import UploadRefused
from project.images.models import ImageRecord
from project.images.policy import Policy
from project.inference.errors import InvalidInput

_BAND_ROWS = 256


def request_of(picture: Picture, plan: Plan, options: EnhanceOptions) -> Request:
    """The picture in the depth of the plan, with its transparency unless that is to go."""
    alpha = None if options.alpha == "drop" else picture.alpha
    return Request(
        pixels=in_depth(picture.array, plan.bit_depth),
        alpha=None if alpha is None else in_depth(alpha, plan.bit_depth),
        is_grey=picture.is_grey,
        icc=picture.icc,
        plan=plan,
    )


def read_stored(record: ImageRecord | None, options: EnhanceOptions) -> Picture:
    """A stored original as these options want it; see read_record."""
    return read_record(record, stored_policy(options))


def read_record(record: ImageRecord | None, policy: Policy) -> Picture:
    """A stored picture. Raises InvalidInput when it is gone or no longer decodes."""
    if record is None:
        raise InvalidInput("the record of the picture is gone")
    try:
        with storage.open_file(record.file) as file:
            return decode(file.read(), policy)
    except FileNotFoundError as error:
        raise InvalidInput(f"the file {record.file} is gone") from error
    except UploadRefused as error:
        raise InvalidInput(f"{record.file}: {error.code}") from error


def in_depth(pixels: Pixels, bits: int) -> Pixels:
    """16 bits become 8 where the result cannot hold more: half the memory, half the work."""
    if bits >= 8 * pixels.dtype.itemsize:
        return pixels
    reduced = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), _BAND_ROWS):
        band = pixels[top : top + _BAND_ROWS].astype(np.uint32)
        reduced[top : top + _BAND_ROWS] = (band + 128) // 257
    return reduced
