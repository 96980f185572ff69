"""The one decoder: bytes to arrays, for pipelines. Needs numpy, so the web never imports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from project.images.inspection import inspect
from project.images.loading import LoadedImage, load_inspected
from project.images.policy import DEFAULT_POLICY, Policy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from project.images.deep import DeepImage


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A decoded picture, upright.

    `array` is RGB H x W x 3, uint8 or, for a `depth` of 16, uint16 (a grey picture has three
    equal channels and `is_grey`); `alpha` is H x W of the same type or None. `icc` is the
    profile that the pixels are in where the policy keeps it, else None and the pixels are sRGB.
    `exif` is what the policy keeps; `format` is a name of formats.FORMATS.
    """

    array: NDArray[np.uint8] | NDArray[np.uint16]
    alpha: NDArray[np.uint8] | NDArray[np.uint16] | None
    is_grey: bool
    depth: int
    icc: bytes | None
    exif: bytes | None
    width: int
    height: int
    format: str
    warnings: tuple[str, ...] = ()


def decode(source: bytes | BinaryIO, policy: Policy = DEFAULT_POLICY) -> Picture:
    """Decode within the limits of `policy`; never reads more than `max_bytes` + 1 bytes.

    Raises UploadRefused as `inspection.inspect` does.
    """
    data = source if isinstance(source, bytes) else source.read(policy.max_bytes + 1)
    inspected = inspect(data, policy)
    if inspected.is_deep:
        from project.images.deep import load_deep

        deep = load_deep(data, inspected, policy)
        if deep is not None:
            return _from_deep(deep)
    return _from_image(load_inspected(data, inspected, policy))


def _from_deep(deep: DeepImage) -> Picture:
    array = np.repeat(deep.array, 3, axis=2) if deep.is_grey else deep.array
    return Picture(
        array=array,
        alpha=deep.alpha,
        is_grey=deep.is_grey,
        depth=16,
        icc=deep.icc,
        exif=deep.exif,
        width=array.shape[1],
        height=array.shape[0],
        format=deep.format,
        warnings=deep.warnings,
    )


def _from_image(loaded: LoadedImage) -> Picture:
    image = loaded.image
    alpha = np.asarray(image.getchannel("A")) if image.mode in ("LA", "RGBA") else None
    return Picture(
        array=np.asarray(image.convert("RGB")),
        alpha=alpha,
        is_grey=image.mode in ("L", "LA"),
        depth=8,
        icc=loaded.icc,
        exif=loaded.exif,
        width=image.width,
        height=image.height,
        format=loaded.format,
        warnings=loaded.warnings,
    )
