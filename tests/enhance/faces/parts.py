"""In place of ParseNet, for both sides of a comparison: skin in an ellipse, background around it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

CENTRE, AXES = (256, 292), (148, 188)


class EllipseParts(torch.nn.Module):
    """N x 3 x 512 x 512 to scores of 19 parts, the same for every face; asked as ParseNet is."""

    def __init__(self) -> None:
        super().__init__()
        self.certainty = torch.nn.Parameter(torch.ones(1), requires_grad=False)
        y, x = torch.meshgrid(torch.arange(512.0), torch.arange(512.0), indexing="ij")
        (across, down), (wide, high) = CENTRE, AXES
        self.register_buffer("skin", ((x - across) / wide) ** 2 + ((y - down) / high) ** 2 < 1)

    def forward(self, faces: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores, and what ParseNet would also give back."""
        scores = torch.zeros(len(faces), 19, 512, 512, device=faces.device)
        scores[:, 1] = torch.where(self.skin, 1.0, -1.0) * self.certainty
        return scores, faces


def ellipse_mask() -> np.ndarray[Any, Any]:
    """The mask that the product makes of those parts: 512 x 512, 0..1."""
    from enhance.pipeline.faces.masks import blurred

    return blurred(EllipseParts().skin[None].float())[0].numpy()
