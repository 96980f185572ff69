"""Large arrays of a run: in memory while small, else in a file of the scratch folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from enhance.pipeline.tiling import Depth, Pixels

IN_MEMORY_BYTES = 128 * 1024 * 1024


def new_canvas(
    shape: tuple[int, ...],
    scratch_dir: Path,
    depth: Depth = np.uint8,
    *,
    in_memory_bytes: int = IN_MEMORY_BYTES,
) -> Pixels:
    """A writable array; its file vanishes with the array."""
    size = int(np.prod(shape)) * np.dtype(depth).itemsize
    if size <= in_memory_bytes:
        made: Pixels = np.empty(shape, np.dtype(depth))
        return made
    with tempfile.TemporaryFile(dir=scratch_dir) as file:
        file.truncate(size)
        return np.memmap(file, depth, mode="r+", shape=shape)
