"""What a film may look like on another day: turned, shifted, exposed, blurred, partly covered.

Stretching by different amounts in x and y is deliberate: the publisher stretched each film to a
square, and the original proportion gives the class away. There is no mirror image, because the
side of a finding is reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class Strength:
    """Half-widths of the uniform distributions; the defaults are what the shipped model saw."""

    degrees: float = 12.0
    scale: float = 0.15
    aspect: float = 0.12
    shift: float = 0.08
    gamma: float = 0.40
    contrast: float = 0.25
    brightness: float = 0.15
    noise: float = 0.04
    blur_share: float = 0.25
    cover_share: float = 0.25
    cover_size: tuple[float, float] = (0.1, 0.3)


def augment(pictures: Tensor, *, random: Generator, strength: Strength | None = None) -> Tensor:
    """Each of (n, px, px) float32 in [0, 1] changed on its own; same shape and range."""
    by = strength or Strength()
    moved = _move(pictures, random, by)
    exposed = _expose(moved, random, by)
    return _cover(_disturb(exposed, random, by), random, by)


def _uniform(count: int, random: Generator, half: float) -> Tensor:
    return (torch.rand(count, generator=random) * 2 - 1) * half


def _move(pictures: Tensor, random: Generator, by: Strength) -> Tensor:
    count = len(pictures)
    angle = _uniform(count, random, math.radians(by.degrees))
    scale = torch.exp(_uniform(count, random, by.scale))
    aspect = torch.exp(_uniform(count, random, by.aspect))
    matrix = torch.zeros(count, 2, 3)
    matrix[:, 0, 0] = scale * aspect * angle.cos()
    matrix[:, 0, 1] = -scale * aspect * angle.sin()
    matrix[:, 1, 0] = scale / aspect * angle.sin()
    matrix[:, 1, 1] = scale / aspect * angle.cos()
    matrix[:, 0, 2] = _uniform(count, random, 2 * by.shift)
    matrix[:, 1, 2] = _uniform(count, random, 2 * by.shift)
    grid = F.affine_grid(matrix, [count, 1, *pictures.shape[1:]], align_corners=False)
    moved = F.grid_sample(pictures[:, None], grid, padding_mode="zeros", align_corners=False)
    return moved[:, 0]


def _expose(pictures: Tensor, random: Generator, by: Strength) -> Tensor:
    count = len(pictures)
    gamma = torch.exp(_uniform(count, random, by.gamma))[:, None, None]
    contrast = 1 + _uniform(count, random, by.contrast)[:, None, None]
    brightness = _uniform(count, random, by.brightness)[:, None, None]
    tones = pictures.clamp(1e-4, 1) ** gamma
    return ((tones - 0.5) * contrast + 0.5 + brightness).clamp(0, 1)


def _disturb(pictures: Tensor, random: Generator, by: Strength) -> Tensor:
    count = len(pictures)
    blurred = F.avg_pool2d(pictures[:, None], 3, stride=1, padding=1)[:, 0]
    chosen = (torch.rand(count, generator=random) < by.blur_share)[:, None, None]
    pictures = torch.where(chosen, blurred, pictures)
    level = (torch.rand(count, generator=random) * by.noise)[:, None, None]
    noise = torch.randn(pictures.shape, generator=random)
    return (pictures + level * noise).clamp(0, 1)


def _cover(pictures: Tensor, random: Generator, by: Strength) -> Tensor:
    """A rectangle of one tone over some pictures, so that no single corner decides."""
    count, height, width = pictures.shape
    chosen = torch.rand(count, generator=random) < by.cover_share
    least, most = by.cover_size
    places = torch.rand(count, 5, generator=random)
    for index in torch.nonzero(chosen).flatten().tolist():
        x, y, w, h, tone = places[index].tolist()
        cover_w = int((least + (most - least) * w) * width)
        cover_h = int((least + (most - least) * h) * height)
        left, top = int(x * (width - cover_w)), int(y * (height - cover_h))
        pictures[index, top : top + cover_h, left : left + cover_w] = tone
    return pictures
