"""The Triton kernel behind slice_sum.py (imports triton: on CUDA only)."""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit  # type: ignore[untyped-decorator]
def slice_sum(  # type: ignore[no-untyped-def]
    made, base, part0, part1, part2, part3, part4,
    stride0, stride1, stride2, stride3, stride4,
    offset0, offset1, offset2, offset3, offset4,
    pixels, factor,
    WIDTH: tl.constexpr, PARTS: tl.constexpr, HAS_BASE: tl.constexpr, PIXELS: tl.constexpr,
):  # fmt: skip
    """PIXELS rows of `pixels` x WIDTH; a part is `pixels` x its stride, a row a pixel."""
    rows = (tl.program_id(0) * PIXELS + tl.arange(0, PIXELS)).to(tl.int64)[:, None]
    columns = tl.arange(0, WIDTH)[None, :]
    inside = rows < pixels
    total = tl.load(part0 + rows * stride0 + offset0 + columns, mask=inside).to(tl.float32)
    if PARTS > 1:
        total += tl.load(part1 + rows * stride1 + offset1 + columns, mask=inside).to(tl.float32)
    if PARTS > 2:
        total += tl.load(part2 + rows * stride2 + offset2 + columns, mask=inside).to(tl.float32)
    if PARTS > 3:
        total += tl.load(part3 + rows * stride3 + offset3 + columns, mask=inside).to(tl.float32)
    if PARTS > 4:
        total += tl.load(part4 + rows * stride4 + offset4 + columns, mask=inside).to(tl.float32)
    if HAS_BASE:
        total = tl.load(base + rows * WIDTH + columns, mask=inside).to(tl.float32) + factor * total
    else:
        total = tl.where(total > 0, total, total * factor)
    tl.store(made + rows * WIDTH + columns, total.to(made.dtype.element_ty), mask=inside)
