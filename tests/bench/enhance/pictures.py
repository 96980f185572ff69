"""Pictures for the benches: crops and enlargements of one public photo, with its faces."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

# scikit-image's astronaut, 512 x 512: eyes, nose, corners of the mouth, x and y.
LANDMARKS = np.array([[211, 101], [247, 104], [226, 122], [210, 139], [243, 141]], float)
SIDE = 512


@cache
def astronaut() -> Any:
    """512 x 512 x 3 uint8."""
    from skimage import data

    return data.astronaut()


def crop(side: int) -> Any:
    """`side` x `side` around the face, side <= 512."""
    left, top = max(0, min(SIDE - side, 228 - side // 2)), max(0, min(SIDE - side, 120 - side // 2))
    return np.ascontiguousarray(astronaut()[top : top + side, left : left + side])


def photo(width: int, height: int, *, seed: int = 0) -> Any:
    """A grid of enlarged copies with a little grain, `height` x `width` x 3 uint8."""
    whole = Image.fromarray(astronaut()).resize((width, height), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(seed).integers(-3, 4, (height, width, 1), dtype=np.int16)
    return (np.asarray(whole, np.int16) + grain).clip(0, 255).astype(np.uint8)


def group(width: int, height: int, faces: int, *, seed: int = 0) -> tuple[Any, Any]:
    """A picture with `faces` faces in rows, and their landmarks, faces x 5 x 2 in its pixels.

    People fill half of the room that each has, as in a group photo.
    """
    picture = photo(width, height, seed=seed)
    columns = int(np.ceil(np.sqrt(faces * width / height)))
    rows = -(-faces // columns)
    cell = min(width // columns, height // rows) // 2
    # A face fills about 180 pixels of the astronaut: its surroundings are pasted with it.
    source = Image.fromarray(astronaut()[10:250, 108:348]).resize((cell, cell))
    places = []
    for index in range(faces):
        left = (index % columns) * (width // columns) + cell // 2
        top = (index // columns) * (height // rows) + cell // 2
        picture[top : top + cell, left : left + cell] = np.asarray(source)
        places.append((LANDMARKS - [108, 10]) * (cell / 240) + [left, top])
    return picture, np.stack(places)


def as_file(pixels: Any, format: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def differences(mine: Any, theirs: Any) -> tuple[float, int]:
    """PSNR in dB (infinite when equal) and the largest difference of two uint8 pictures."""
    error = mine.astype(np.int16) - theirs.astype(np.int16)
    mean = float(np.square(error, dtype=np.float64).mean())
    psnr = float("inf") if mean == 0 else 10 * float(np.log10(255**2 / mean))
    return psnr, int(np.abs(error).max())
