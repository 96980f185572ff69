"""Runs the end of an enlarging network in strips: its maps at full size are most of its memory."""

from __future__ import annotations

from collections.abc import Callable

import torch


def in_strips(
    enlarge: Callable[[torch.Tensor], torch.Tensor],
    features: torch.Tensor,
    *,
    scale: int,
    reach: int,
    most_pixels: int,
    between: Callable[[], None] | None = None,
) -> torch.Tensor:
    """`enlarge(features)` (N x C x H x W to N x c x scale*H x scale*W) from strips of rows.

    A strip has about `most_pixels` pixels of `features` and sees `reach` more rows on each side:
    at least the rows that its edge can spoil. `between` is called before each strip but the
    first and may raise to stop.
    """
    count, _, height, width = features.shape
    strips = min(height, -(-count * height * width // most_pixels))
    if strips == 1:
        return enlarge(features)
    made = None
    for number in range(strips):
        if number and between is not None:
            between()
        top, bottom = height * number // strips, height * (number + 1) // strips
        first, last = max(0, top - reach), min(height, bottom + reach)
        part = enlarge(features[:, :, first:last])
        if made is None:
            made = _empty_like(part, (height * scale, width * scale))
        inside = slice((top - first) * scale, (bottom - first) * scale)
        made[:, :, top * scale : bottom * scale] = part[:, :, inside]
    assert made is not None  # noqa: S101  (narrows for mypy)
    return made


def _empty_like(part: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """Of the same type, device and memory layout, with other sides."""
    is_last = part.is_contiguous(memory_format=torch.channels_last)
    return torch.empty(
        (*part.shape[:2], *size),
        dtype=part.dtype,
        device=part.device,
        memory_format=torch.channels_last if is_last else torch.contiguous_format,
    )
