"""Where in a 512 x 512 crop the restored face counts: 1 inside, 0 at the edge, soft between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from enhance.nets.face_catalogue import FACE_SIDE, PARSENET
from enhance.pipeline.tiling import Pixels
from project.inference.context import RunContext

Mask = NDArray[np.float32]

# Classes of ParseNet: skin, brows, eyes, glasses, ears, mouth, lips, hair and what hangs on them;
# not the background, the neck, clothes and hats.
FACE_PARTS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15)
# Two passes of 11 pixels, as GFPGAN's helper blurs, are one pass of this.
BLUR_SIGMA = 11 * math.sqrt(2)
BLUR_RADIUS = 72
EDGE_PIXELS = 10
# The sum of a hundred rounded weights is nearly one; inside, the mask is to be one.
ABOVE_ONE = 1.00001
# Forehead to chin on the template, a little narrower than the head: what lies beside it is hair and
# background, which a network without a parsing map should not touch.
ELLIPSE_CENTRE, ELLIPSE_AXES = (256, 292), (148, 188)
# A chin lies near the border of its crop: the ellipse fades out over this, where it would be cut.
FADE_PIXELS = 32


def masks_of(context: RunContext, faces: Sequence[Pixels], *, parsing: bool) -> list[Mask]:
    """A soft mask for each restored face (512 x 512 x 3 RGB), by ParseNet or the ellipse.

    Raises what `RunContext.batch_all` raises.
    """
    if not parsing:
        return [elliptical_mask() for _ in faces]
    masks: list[Mask] = context.batch_all(PARSENET, faces)
    return masks


@lru_cache(maxsize=1)
def elliptical_mask() -> Mask:
    """The mask of every face without ParseNet; read-only."""
    hard = np.zeros((FACE_SIDE, FACE_SIDE), np.float32)
    cv2.ellipse(hard, ELLIPSE_CENTRE, ELLIPSE_AXES, 0, 0, 360, color=1.0, thickness=-1)
    to_border = np.minimum(np.arange(FACE_SIDE), np.arange(FACE_SIDE)[::-1])
    fade = ((to_border - EDGE_PIXELS) / FADE_PIXELS).clip(0, 1).astype(np.float32)
    mask: Mask = blurred(torch.from_numpy(hard)[None])[0].numpy() * np.minimum.outer(fade, fade)
    mask.flags.writeable = False
    return mask


def mask_of_parts(scores: torch.Tensor) -> torch.Tensor:
    """N x 19 x 512 x 512 scores of ParseNet to N x 512 x 512 soft masks, on the same device."""
    others = [part for part in range(scores.shape[1]) if part not in FACE_PARTS]
    # Twice the largest of a few instead of `argmax` over all: a tenth of its time on a processor.
    is_face = scores[:, list(FACE_PARTS)].amax(dim=1) > scores[:, others].amax(dim=1)
    return blurred(is_face.float())


def blurred(masks: torch.Tensor) -> torch.Tensor:
    """N x 512 x 512, blurred row by row and column by column, with an edge of zeros.

    The edge keeps a face that touches the border of its crop from ending in a line.
    """
    rows = _blur_matrix().to(masks.device)
    soft = (rows @ masks @ rows.T * ABOVE_ONE).clamp(0, 1)
    inside = torch.zeros_like(masks)
    inside[:, EDGE_PIXELS:-EDGE_PIXELS, EDGE_PIXELS:-EDGE_PIXELS] = 1
    return soft * inside


@lru_cache(maxsize=1)
def _blur_matrix() -> torch.Tensor:
    """512 x 512: its product with a column is that column blurred, mirrored at both ends.

    Two products take a third of the time of two convolutions with 145 weights on a processor.
    """
    steps = torch.arange(-BLUR_RADIUS, BLUR_RADIUS + 1, dtype=torch.float32)
    kernel = torch.exp(-(steps**2) / (2 * BLUR_SIGMA**2))
    columns = functional.pad(torch.eye(FACE_SIDE)[:, None], (BLUR_RADIUS,) * 2, mode="reflect")
    return functional.conv1d(columns, (kernel / kernel.sum())[None, None])[:, 0].T.contiguous()
