"""`python -m tests.enhance.build_self_test`: the files of enhance/self_test, from real weights.

The source is drawn; each reference is the middle of what a network makes of it in float32.
"""

from __future__ import annotations

import os

import django
import numpy as np
from PIL import Image


def source() -> Image.Image:
    """32 x 32: a smooth slope, a disc with a hard edge, fine lines."""
    rows, columns = np.mgrid[0:32, 0:32]
    picture = np.stack([60 + 5 * columns, 200 - 4 * rows, 90 + 2 * (rows + columns)], axis=2)
    picture[(rows - 16) ** 2 + (columns - 14) ** 2 < 64] = (230, 190, 150)
    picture[22:28, 18:30:3] = (20, 24, 40)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def main() -> None:
    """Write the source and one reference for each network of the catalogue."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings.test")
    django.setup()
    import torch

    from enhance.nets.catalogue import NETWORKS
    from enhance.nets.loader import load
    from enhance.self_test.examine import REFERENCE_SIDE, SOURCE, reference_of
    from project.inference.weight_store import configured_store

    source().save(SOURCE, optimize=True)
    pixels = torch.from_numpy(np.array(source()).astype(np.float32) / 255)
    for network in NETWORKS.values():
        path = configured_store().require(network.name).path
        model = load(path, network.architecture, device="cpu", dtype=torch.float32)
        with torch.inference_mode():
            large = model(pixels.permute(2, 0, 1)[None])[0].permute(1, 2, 0)
        picture = (large.clamp(0, 1) * 255).round().to(torch.uint8).numpy()
        start = (picture.shape[0] - REFERENCE_SIDE) // 2
        middle = picture[start : start + REFERENCE_SIDE, start : start + REFERENCE_SIDE]
        Image.fromarray(middle).save(reference_of(network.name), optimize=True)


if __name__ == "__main__":
    main()
