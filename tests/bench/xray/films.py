"""Films to measure with: composites of nobody with grain of their own, or those of a data pack."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xray.services.shipped import WEIGHTS

# As xray.sample names them, which needs Django; half of this bench does not.
SAMPLES = WEIGHTS.parent / "samples"
NORMAL, OPACITY = "composite-normal.png", "composite-opacity.png"
VARIABLE = "OMNILENS_XRAY_DATA"
GRAIN = 2


def composite(seed: int, *, name: str = OPACITY) -> bytes:
    """A PNG that the server has not seen: it would answer a known film with the study it has."""
    with Image.open(SAMPLES / name) as picture:
        grey = np.asarray(picture.convert("L"), dtype=np.int16)
    grain = np.random.default_rng(seed).integers(-GRAIN, GRAIN + 1, grey.shape)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(grey + grain, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def framed(count: int, px: int) -> tuple[list[NDArray[np.float32]], str]:
    """`count` framed films, (px, px) float32, and where they come from."""
    from xray.pipeline.preprocess import frame
    from xray.training.packs import open_pack

    named = os.environ.get(VARIABLE)
    if named:
        pack = open_pack(Path(named))
        rows = pack.rows[:: max(1, len(pack.rows) // count)][:count]
        return [frame(pack.film(row), px).pixels for row in rows], f"films of {pack.name}"
    films = []
    for seed in range(count):
        content = composite(seed, name=(NORMAL, OPACITY)[seed % 2])
        with Image.open(io.BytesIO(content)) as picture:
            films.append(frame(np.asarray(picture, dtype=np.float32) / np.float32(255), px).pixels)
    return films, "composites with grain"
