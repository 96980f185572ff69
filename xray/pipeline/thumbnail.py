"""A map small enough to be kept: its cells are coarse, so a thousand pixels show all of it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from xray.pipeline.preprocess import Film

LONGEST_SIDE = 1024


def reduced(map_: Film) -> Film:
    """The same proportions with at most LONGEST_SIDE pixels on the longer side."""
    height, width = map_.shape
    share = LONGEST_SIDE / max(height, width)
    if share >= 1:
        return map_
    size = (max(1, round(width * share)), max(1, round(height * share)))
    small = Image.fromarray(map_).resize(size, Image.Resampling.BILINEAR)
    return np.clip(np.asarray(small, dtype=np.float32), 0, 1)
