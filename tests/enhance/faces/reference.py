"""GFPGAN's own restorer as the reference, with a random checkpoint, known points and no noise.

`GFPGANer` and its helper run as published. Given from outside are only: the points (a random
detector would not finish), the width of the network where a test has no minutes, and what takes
the place of ParseNet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from enhance.nets import torchvision_shim
from enhance.nets.face_networks import build_gfpgan

# The network of GFPGAN with about a sixtieth of its work.
SMALL = {"narrow": 0.125, "channel_multiplier": 1}


def write_random_checkpoint(path: Path, *, seed: int = 0, **shape: Any) -> Path:
    """A checkpoint as GFPGAN publishes them, with random weights and noise that would show."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_gfpgan(**shape)
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                if name.startswith("stylegan_decoder.") and parameter.shape == (1,):
                    parameter.fill_(0.1)
    torch.save({"params_ema": network.state_dict()}, path)
    return path


def reference_restorer(
    checkpoint: Path,
    points: Sequence[np.ndarray],
    *,
    upscale: float = 2,
    parsing: Any = None,
    background: Any = None,
    device: str = "cpu",
    shape: Mapping[str, Any] | None = None,
) -> Any:
    """A `GFPGANer` that finds exactly `points` (5 x 2 each) and takes the stored noise.

    `parsing` is asked as ParseNet is; without it the helper takes its square mask. `shape` are
    arguments of the network. `enhance` takes and gives BGR.
    """
    torchvision_shim.install()
    import gfpgan.utils
    import torch
    from facexlib.utils import face_restoration_helper

    published = gfpgan.utils.GFPGANv1Clean
    with (
        patch.object(face_restoration_helper, "init_detection_model", lambda *_, **__: None),
        patch.object(face_restoration_helper, "init_parsing_model", lambda *_, **__: parsing),
        patch.object(
            gfpgan.utils, "GFPGANv1Clean", lambda **given: published(**{**given, **(shape or {})})
        ),
    ):
        restorer = gfpgan.utils.GFPGANer(
            str(checkpoint),
            upscale=upscale,
            arch="clean",
            bg_upsampler=background,
            device=torch.device(device),
        )
    restorer.gfpgan.forward = partial(restorer.gfpgan.forward, randomize_noise=False)
    helper = restorer.face_helper
    helper.use_parse = parsing is not None

    def injected(**_: Any) -> int:
        helper.all_landmarks_5 = [np.array(found, np.float64) for found in points]
        helper.det_faces = [np.array([*found.min(0), *found.max(0), 1.0]) for found in points]
        return len(points)

    helper.get_face_landmarks_5 = injected
    return restorer
