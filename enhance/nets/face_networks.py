"""Builds the networks of the face path and reads their checkpoints (worker only: imports torch).

gfpgan and facexlib supply the classes; they are imported when a network is built, never before:
that costs seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from enhance.nets import torchvision_shim
from enhance.nets.face_catalogue import FACE_SIDE, MTCNN, PARSENET, RETINAFACE
from enhance.nets.mtcnn import Mtcnn
from project.inference.errors import WeightsRefused

# What GFPGAN "clean" 1.2, 1.3 and 1.4 were trained with.
GFPGAN_SHAPE: Mapping[str, Any] = {
    "num_style_feat": 512,
    "channel_multiplier": 2,
    "decoder_load_path": None,
    "fix_decoder": False,
    "num_mlp": 8,
    "input_is_latent": True,
    "different_w": True,
    "narrow": 1,
    "sft_half": True,
}
PARSING_CLASSES = 19
_WRAPPERS = ("params_ema", "params", "state_dict")
_PARALLEL = "module."

State = dict[str, torch.Tensor]


def build_gfpgan(**shape: Any) -> nn.Module:
    """`GFPGANv1Clean` of the gfpgan package; `shape` overrides GFPGAN_SHAPE in tests."""
    torchvision_shim.install()
    from gfpgan.archs.gfpganv1_clean_arch import GFPGANv1Clean

    return cast("nn.Module", GFPGANv1Clean(out_size=FACE_SIDE, **{**GFPGAN_SHAPE, **shape}))


def build_parsenet(**shape: Any) -> nn.Module:
    """`ParseNet` of facexlib: 512 pixels to 19 classes of face parts."""
    torchvision_shim.install()
    from facexlib.parsing.parsenet import ParseNet

    size = {"in_size": FACE_SIDE, "out_size": FACE_SIDE, "parsing_ch": PARSING_CLASSES}
    return cast("nn.Module", ParseNet(**{**size, **shape}))


def build_retinaface() -> nn.Module:
    """`RetinaFace` of facexlib on ResNet-50. It holds its device apart from its parameters."""
    torchvision_shim.install()
    from facexlib.detection.retinaface import RetinaFace

    device = torch.empty(0).device  # follows `with torch.device("meta")`
    return cast("nn.Module", RetinaFace(network_name="resnet50", half=False, device=device))


def builder_of(name: str) -> Callable[[], nn.Module]:
    """The builder of a network of the catalogue; every other name is a version of GFPGAN."""
    builders: dict[str, Callable[[], nn.Module]] = {
        MTCNN: Mtcnn,
        PARSENET: build_parsenet,
        RETINAFACE: build_retinaface,
    }
    return builders.get(name, build_gfpgan)


def read_checkpoint(path: Path) -> State:
    """The tensors of a `.pth` file, unpickled as data only, without wrappers and `module.`.

    Raises WeightsRefused when the file wants to run code or holds anything but tensors.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        # torch raises pickle, zip and runtime errors for what is no checkpoint.
        raise WeightsRefused(f"{path.name} is no checkpoint that loads as data only") from error
    if isinstance(content, Mapping):
        wrapper = next((key for key in _WRAPPERS if key in content), None)
        content = content[wrapper] if wrapper else content
    if not isinstance(content, Mapping) or not all(
        isinstance(tensor, torch.Tensor) for tensor in content.values()
    ):
        raise WeightsRefused(f"{path.name} holds more than named tensors")
    return {str(name).removeprefix(_PARALLEL): tensor for name, tensor in content.items()}


def check_keys(state: State, build: Callable[[], nn.Module], source: str) -> None:
    """Raises WeightsRefused unless names and shapes are exactly those of the network."""
    with torch.device("meta"):
        network = build()
    try:
        network.load_state_dict(state, strict=True, assign=True)
    except RuntimeError as error:
        raise WeightsRefused(f"{source} does not fit the network: {error}") from error
