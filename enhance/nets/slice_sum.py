"""Adds channel slices of several feature maps and ends a layer with them, in one pass over memory.

On CUDA a Triton kernel does it: torch alone reads and writes every intermediate sum, which costs
an enlarging network about as much time as its convolutions.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F

logger = logging.getLogger(__name__)

MAX_PARTS = 5
_PIXELS_PER_BLOCK = 128
_TRIAL_WIDTH = 32


def activated_sum(
    parts: Sequence[torch.Tensor], offsets: Sequence[int], width: int, *, slope: float
) -> torch.Tensor:
    """Leaky ReLU of the sum of `parts[i][:, offsets[i]:offsets[i] + width]`, added in float32.

    Parts are N x C_i x H x W of one type, channels_last on CUDA; the result is N x width x H x W.
    """
    if _has_kernel(parts[0]):
        return _launch(parts, offsets, width, base=None, factor=slope)
    return F.leaky_relu(_sum(parts, offsets, width), slope).to(parts[0].dtype)


def residual_sum(
    parts: Sequence[torch.Tensor],
    offsets: Sequence[int],
    base: torch.Tensor,
    *,
    scale: float,
) -> torch.Tensor:
    """`base` (N x width x H x W) plus `scale` times the same sum."""
    width = base.shape[1]
    if _has_kernel(parts[0]):
        return _launch(parts, offsets, width, base=base, factor=scale)
    return torch.add(base, _sum(parts, offsets, width).to(base.dtype), alpha=scale)


def _sum(parts: Sequence[torch.Tensor], offsets: Sequence[int], width: int) -> torch.Tensor:
    slices = [part[:, at : at + width] for part, at in zip(parts, offsets, strict=True)]
    total = slices[0].float()
    for piece in slices[1:]:
        total = total + piece
    return total


def _has_kernel(part: torch.Tensor) -> bool:
    return (
        part.is_cuda
        and part.is_contiguous(memory_format=torch.channels_last)
        and kernel_fault(part.device.index or 0) is None
    )


@cache
def kernel_fault(device: int) -> str | None:
    """Why the kernel cannot be used on this CUDA device, or None; found out once, by a trial."""
    try:
        make = torch.Generator().manual_seed(0)
        shape = (1, 3 * _TRIAL_WIDTH, 5, 7)
        parts = [
            torch.randn(shape, generator=make)
            .to(f"cuda:{device}")
            .contiguous(memory_format=torch.channels_last)
            for _ in range(MAX_PARTS)
        ]
        offsets = [0, 16, 32, 48, 64]
        made = _launch(parts, offsets, _TRIAL_WIDTH, base=None, factor=0.2)
        wanted = F.leaky_relu(_sum(parts, offsets, _TRIAL_WIDTH), 0.2)
        torch.testing.assert_close(made, wanted, rtol=1e-5, atol=1e-5)
    except Exception as error:  # noqa: BLE001
        # No compiler, no Triton for this card, or a wrong result: torch does the same, slower.
        logger.warning("sums of slices run without their kernel on cuda:%d: %s", device, error)
        return f"{type(error).__name__}: {error}"
    return None


def _launch(
    parts: Sequence[torch.Tensor],
    offsets: Sequence[int],
    width: int,
    *,
    base: torch.Tensor | None,
    factor: float,
) -> torch.Tensor:
    first = parts[0]
    shape = (first.shape[0], width, *first.shape[2:])
    made = torch.empty(
        shape, dtype=first.dtype, device=first.device, memory_format=torch.channels_last
    )
    if base is not None:
        base = base.contiguous(memory_format=torch.channels_last)
    pixels = first.shape[0] * first.shape[2] * first.shape[3]
    missing = MAX_PARTS - len(parts)
    pointers = [*parts, *[first] * missing]
    strides = [part.shape[1] for part in pointers]
    places = [*offsets, *[0] * missing]
    grid = (-(-pixels // _PIXELS_PER_BLOCK),)
    with torch.cuda.device(first.device):
        _kernel()[grid](
            made, made if base is None else base, *pointers, *strides, *places, pixels, factor,
            WIDTH=width, PARTS=len(parts), HAS_BASE=base is not None, PIXELS=_PIXELS_PER_BLOCK,
        )  # fmt: skip
    return made


@cache
def _kernel() -> Any:
    from enhance.nets.slice_sum_kernel import slice_sum

    return slice_sum
