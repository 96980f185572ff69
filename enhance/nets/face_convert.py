"""Fetched checkpoints of the face path to one safetensors file each (worker and `models pull`).

Pickles are read once, as data only, and never at run time. Their keys are compared with the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save_file

from enhance.nets.face_catalogue import MTCNN, PARSENET, RETINAFACE
from enhance.nets.face_networks import State, build_gfpgan, builder_of, check_keys, read_checkpoint

MTCNN_STAGES = {"pnet.pt": "proposal", "rnet.pt": "refine", "onet.pt": "output"}


def mtcnn_to_safetensors(files: Mapping[str, Path], target: Path) -> None:
    """The three files of facenet-pytorch to one. Raises WeightsRefused as all here do."""
    state = {
        f"{stage}.{key}": tensor
        for name, stage in MTCNN_STAGES.items()
        for key, tensor in read_checkpoint(files[name]).items()
    }
    check_keys(state, builder_of(MTCNN), "the archive of facenet-pytorch")
    _save(state, target)


def gfpgan_to_safetensors(files: Mapping[str, Path], target: Path) -> None:
    """A release file of GFPGAN "clean"; of two sets in it the averaged one, as upstream."""
    (path,) = files.values()
    state = read_checkpoint(path)
    check_keys(state, build_gfpgan, path.name)
    _save(state, target)


def parsenet_to_safetensors(files: Mapping[str, Path], target: Path) -> None:
    """facexlib's file of ParseNet."""
    (path,) = files.values()
    state = read_checkpoint(path)
    check_keys(state, builder_of(PARSENET), path.name)
    _save(state, target)


def retinaface_to_safetensors(files: Mapping[str, Path], target: Path) -> None:
    """facexlib's file of RetinaFace on ResNet-50."""
    (path,) = files.values()
    state = read_checkpoint(path)
    check_keys(state, builder_of(RETINAFACE), path.name)
    _save(state, target)


def _save(state: State, target: Path) -> None:
    """Own memory for each tensor: safetensors refuses shared ones."""
    save_file({name: tensor.clone().contiguous() for name, tensor in state.items()}, target)
