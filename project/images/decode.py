"""The one decoder: bytes to arrays, for pipelines. Needs numpy, so the web never imports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from project.images import errors
from project.images.loading import load
from project.images.policy import DEFAULT_POLICY, Policy

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A decoded picture, upright, in sRGB.

    `array` is uint8 H x W x 3 RGB (a grey picture has three equal channels and `is_grey`),
    `alpha` uint8 H x W or None. `icc` is the profile that the file carried, `exif` what the
    policy keeps; `format` is PNG, JPEG or WEBP.
    """

    array: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None
    is_grey: bool
    icc: bytes | None
    exif: bytes | None
    width: int
    height: int
    format: str
    warnings: tuple[str, ...] = ()


def decode(source: bytes | BinaryIO, policy: Policy = DEFAULT_POLICY) -> Picture:
    """Decode within the limits of `policy`; never reads more than `max_bytes` + 1 bytes.

    Raises UploadRefused as `loading.load` does.
    """
    data = source if isinstance(source, bytes) else source.read(policy.max_bytes + 1)
    if len(data) > policy.max_bytes:
        raise errors.too_large_bytes(policy)
    loaded = load(data, policy)
    image = loaded.image
    alpha = np.asarray(image.getchannel("A")) if image.mode in ("LA", "RGBA") else None
    return Picture(
        array=np.asarray(image.convert("RGB")),
        alpha=alpha,
        is_grey=image.mode in ("L", "LA"),
        icc=loaded.icc,
        exif=loaded.exif,
        width=image.width,
        height=image.height,
        format=loaded.format,
        warnings=loaded.warnings,
    )
