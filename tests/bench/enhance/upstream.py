"""Baseline B: `GFPGANer` with `RealESRGANer` as their packages ship them, fed what we are fed.

Same weights, landmarks injected, noise off, no network. `realesrgan` and `gfpgan` are needed
here only (`make bench-enhance` installs the first without its dependencies).
"""

from __future__ import annotations

import contextlib
import io
import os
import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from enhance.nets import face_networks, torchvision_shim

SEED = 20
NARROW = 1 / 16
SMALL_PARSER = {"base_ch": 8, "ch_range": [8, 16], "res_depth": 1}
TILE, TILE_PAD = 400, 10


def prepare() -> None:
    """Let upstream import on a current torchvision; before its first import."""
    torchvision_shim.install()


def shrink() -> None:
    """Small face networks on both sides: to see on a processor that everything runs."""
    prepare()
    import facexlib.parsing
    import gfpgan.utils

    face_networks.GFPGAN_SHAPE = {**face_networks.GFPGAN_SHAPE, "narrow": NARROW}
    face_networks.build_parsenet = partial(face_networks.build_parsenet, **SMALL_PARSER)
    clean = gfpgan.utils.GFPGANv1Clean
    gfpgan.utils.GFPGANv1Clean = lambda **shape: clean(**{**shape, "narrow": NARROW})
    parser = facexlib.parsing.ParseNet
    facexlib.parsing.ParseNet = lambda **shape: parser(**shape, **SMALL_PARSER)


def upsampler(
    state: dict[str, torch.Tensor], *, device: str, half: bool, folder: Path, pre_pad: int = 10
) -> Any:
    """`RealESRGANer` x4 with 23 blocks (or as many as `state` has) and its tiles of 400."""
    prepare()
    from basicsr.archs.rrdbnet_arch import RRDBNet
    from realesrgan import RealESRGANer

    blocks = len({key.split(".")[1] for key in state if key.startswith("body.")})
    network = RRDBNet(num_in_ch=3, num_out_ch=3, num_feat=64, num_block=blocks, num_grow_ch=32, scale=4)  # fmt: skip
    path = folder / "upstream-x4.pth"
    torch.save({"params_ema": {key: value.float() for key, value in state.items()}}, path)
    return RealESRGANer(
        scale=4, model_path=str(path), model=network, tile=TILE, tile_pad=TILE_PAD,
        pre_pad=pre_pad, half=half, device=torch.device(device),
    )  # fmt: skip


def restorer(face_weights: Path, *, upscale: int, device: str, background: Any, folder: Path) -> Any:  # fmt: skip
    """`GFPGANer` (clean, channel multiplier 2); its detector and parser get random weights."""
    prepare()
    from facexlib.detection.retinaface import RetinaFace
    from gfpgan import GFPGANer

    rooted = folder / "gfpgan" / "weights"
    rooted.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    detector = RetinaFace(network_name="resnet50", half=False, device=torch.device("cpu"))
    torch.save(detector.state_dict(), rooted / "detection_Resnet50_Final.pth")
    torch.save(face_networks.build_parsenet().state_dict(), rooted / "parsing_parsenet.pth")
    with contextlib.chdir(folder), without_network():
        made = GFPGANer(
            str(face_weights), upscale=upscale, arch="clean", channel_multiplier=2,
            bg_upsampler=background, device=torch.device(device),
        )  # fmt: skip
    made.gfpgan.forward = partial(made.gfpgan.forward, randomize_noise=False)
    return made


def run(restorer: Any, picture: Any, landmarks: Any) -> Any:
    """H x W x 3 RGB and faces x 5 x 2 to the enlarged picture, RGB: one call, as users make it."""
    helper = restorer.face_helper

    def injected(**_: Any) -> int:
        helper.all_landmarks_5 = [points.copy() for points in landmarks]
        helper.det_faces = [np.array([*points.min(0), *points.max(0), 0.99]) for points in landmarks]  # fmt: skip
        return len(landmarks)

    helper.get_face_landmarks_5 = injected
    with quiet():
        return restorer.enhance(picture[..., ::-1], paste_back=True)[2][..., ::-1]


def enlarge(upsampler: Any, picture: Any) -> Any:
    """H x W x 3 RGB to 4H x 4W x 3 RGB."""
    with quiet():
        return upsampler.enhance(picture[..., ::-1])[0][..., ::-1]


def random_face_weights(folder: Path) -> Path:
    """A GFPGAN 1.4 file with random numbers from SEED, in the layout of the published ones."""
    path = folder / "random-gfpgan.pth"
    torch.manual_seed(SEED)
    torch.save({"params_ema": face_networks.build_gfpgan().state_dict()}, path)
    return path


@contextlib.contextmanager
def without_network() -> Iterator[None]:
    """Upstream downloads what it misses; here that is an error."""
    real = socket.socket.connect

    def refuse(*_: Any) -> None:
        raise RuntimeError("upstream asked for the network")

    socket.socket.connect = refuse  # type: ignore[method-assign]
    try:
        yield
    finally:
        socket.socket.connect = real  # type: ignore[method-assign]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Upstream prints a line for each tile."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A folder for the files that upstream wants to load."""
    return tempfile.TemporaryDirectory(prefix="omni-bench-", dir=os.environ.get("TMPDIR"))
