"""Faces of all runs through one network together (called by the micro-batcher, device held)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from enhance.pipeline.faces.masks import mask_of_parts
from enhance.pipeline.tiling import Pixels, white
from project.inference.context import Model
from project.inference.transfer import to_host

# Few sizes, so that a device prepares few kernels.
BUCKETS = (16, 8, 4, 2, 1)
# A face that fills this much of the next bucket is padded up to it.
WORTH_PADDING = 0.75
# A network may return black instead of numbers; a dark face may be black itself.
BLACK, NOT_DARK = 0.01, 0.05

Faces = torch.Tensor


def bucket_of(payload: Pixels) -> Hashable:
    """Faces of one size share a batch; depths may mix."""
    return payload.shape


def restore_batch(model: Model, payloads: Sequence[Pixels]) -> list[Pixels | None]:
    """GFPGAN: crops (512 x 512 x 3 RGB) to restored faces of the same shape and depth.

    None where the network gave no picture, also in float32. The noise is the stored one: a face has
    the same values whatever its neighbours and the hour are.
    """
    restored = _in_buckets(model, payloads, _restore)
    broken = [place for place, face in enumerate(restored) if face is None]
    if broken and model.dtype != "float32":
        # A private copy: the model itself is shared with other jobs.
        exact = copy.deepcopy(model.network).float()
        for place in broken:
            (restored[place],) = _restore(exact, [payloads[place]])
    return restored


def parse_batch(model: Model, payloads: Sequence[Pixels]) -> list[NDArray[np.float32]]:
    """ParseNet: restored faces to soft masks, 512 x 512 in 0..1."""
    return _in_buckets(model, payloads, _parse)


def sizes_of_calls(count: int, device: str) -> Iterator[int]:
    """How many of `count` faces go through the network in each call.

    On a processor one by one: a batch gains nothing there, and so a face keeps its bytes beside
    strangers. On a GPU in buckets; a last one that is nearly full is padded.
    """
    if device == "cpu":
        yield from (1 for _ in range(count))
        return
    while count > 0:
        fitting = next(size for size in BUCKETS if size <= count)
        larger = next((size for size in reversed(BUCKETS) if size >= count), fitting)
        size = count if count >= WORTH_PADDING * larger else fitting
        yield size
        count -= size


def _in_buckets(
    model: Model,
    payloads: Sequence[Pixels],
    run: Callable[[torch.nn.Module, list[Pixels]], list[Any]],
) -> list[Any]:
    results: list[Any] = []
    for size in sizes_of_calls(len(payloads), model.device):
        chosen = list(payloads[len(results) : len(results) + size])
        bucket = min(bucket for bucket in BUCKETS if bucket >= size)
        padded = chosen + chosen[-1:] * (bucket - size) if model.device != "cpu" else chosen
        results.extend(run(model.network, padded)[:size])
    return results


def _restore(network: torch.nn.Module, crops: list[Pixels]) -> list[Pixels | None]:
    """All arithmetic stays where the network is: the device waits for bytes, not for floats."""
    with torch.inference_mode():
        inputs = _signed(network, crops)
        outputs = network(inputs, return_rgb=False, randomize_noise=False)[0].float()
        values = (outputs.clamp(-1, 1) + 1) / 2
        whites = torch.tensor([white(crop) for crop in crops], device=values.device)
        levels = (values * whites[:, None, None, None]).round()
        kind = torch.uint8 if all(crop.dtype == np.uint8 for crop in crops) else torch.int32
        is_finite = torch.isfinite(outputs).flatten(1).all(dim=1).tolist()
        brightest = values.flatten(1).amax(dim=1).tolist()
        faces = to_host(levels.permute(0, 2, 3, 1).nan_to_num(0).to(kind)).numpy()
    return [
        cast("Pixels", face.astype(crop.dtype, copy=True))
        if finite and (light >= BLACK or crop.mean() / white(crop) < NOT_DARK)
        else None
        for face, crop, finite, light in zip(faces, crops, is_finite, brightest, strict=True)
    ]


def _parse(network: torch.nn.Module, faces: list[Pixels]) -> list[NDArray[np.float32]]:
    with torch.inference_mode():
        scores = network(_signed(network, faces))[0]
        masks: NDArray[np.float32] = to_host(mask_of_parts(scores.float())).numpy()
    return list(masks)


def _signed(network: torch.nn.Module, faces: Sequence[Pixels]) -> Faces:
    """N x 3 x 512 x 512 in -1..1, in the format and on the device of the network."""
    weight = next(network.parameters())
    inputs = []
    for face in faces:
        # numpy widens 16 bits: not every device of torch knows unsigned ones.
        plain = torch.from_numpy(face.astype(np.float32) if face.dtype == np.uint16 else face)
        inputs.append(plain.to(weight.device).float() / white(face))
    batch = torch.stack(inputs).permute(0, 3, 1, 2)
    return ((batch - 0.5) / 0.5).to(weight.dtype).contiguous()
