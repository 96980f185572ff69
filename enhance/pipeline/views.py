"""The eight ways to turn and mirror a picture, and back: what test-time augmentation averages."""

from __future__ import annotations

import torch

VIEWS = 8


def view_of(batch: torch.Tensor, number: int) -> torch.Tensor:
    """View `number` (0..7) of N x C x H x W: transposed from 4 on, mirrored by the lower bits."""
    turned = batch.transpose(2, 3) if number & 4 else batch
    axes = [axis for bit, axis in ((1, 3), (2, 2)) if number & bit]
    return turned.flip(axes) if axes else turned


def back_from(batch: torch.Tensor, number: int) -> torch.Tensor:
    """Undo `view_of`."""
    axes = [axis for bit, axis in ((1, 3), (2, 2)) if number & bit]
    plain = batch.flip(axes) if axes else batch
    return plain.transpose(2, 3) if number & 4 else plain
