"""A classifier on disk: one safetensors file whose header says how its input is made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from xray.pipeline.calibration import Calibration, NotCalibrated
from xray.pipeline.network import ARCHITECTURE, CLASSES, KNOWN_CLASSES, Tone, classifier

FORMAT = "omnilens-cxr-1"


class CheckpointError(ValueError):
    """A file is not a classifier of this room; the text says why."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How a framed film becomes the network's input."""

    px: int
    mean: Tone
    std: Tone
    classes: tuple[str, ...] = CLASSES
    """One of `network.KNOWN_CLASSES`: what the logits stand for."""


def save_classifier(network: nn.Module, spec: InputSpec, path: Path) -> None:
    """Convolutions and the last layer in fp16, the statistics of the normalisation in fp32.

    Running variances leave the range of fp16; they are one part in two hundred of the file.
    """
    state = {}
    for name, tensor in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            continue
        kept = tensor.detach().to("cpu", torch.float16 if tensor.ndim > 1 else torch.float32)
        state[name] = kept.contiguous()
    header = {
        "format": FORMAT,
        "architecture": ARCHITECTURE,
        "classes": ",".join(spec.classes),
        "px": str(spec.px),
        "mean": _told(spec.mean),
        "std": _told(spec.std),
    }
    save_file(state, path, metadata=header)


def canonical_bytes(path: Path) -> bytes:
    """The file with the entries of its header in order: the same weights are the same bytes.

    safetensors writes its metadata in an order that changes from call to call.
    """
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.dumps(json.loads(content[8 : 8 + length]), sort_keys=True).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content[8 + length :]


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Put a calibration into the header of a classifier's file; its tensors stay as they are.

    Raises CheckpointError.
    """
    header, state = _read(path)
    header["calibration"] = json.dumps(calibration.as_json(), sort_keys=True)
    beside = path.with_suffix(".part")
    save_file(state, beside, metadata=header)
    beside.replace(path)


def read_calibration(path: Path) -> Calibration:
    """Of a classifier's file. Raises CheckpointError, also when there is none."""
    header, _ = _read(path)
    if "calibration" not in header:
        raise CheckpointError(f"{path.name} is not calibrated: run xray_calibrate")
    try:
        return Calibration.of_json(json.loads(header["calibration"]))
    except (ValueError, NotCalibrated) as error:
        raise CheckpointError(f"{path.name}: {error}") from error


def _read(path: Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise CheckpointError(f"{path.name} is not a classifier of the X-ray room")
            return header, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path.name} cannot be read: {error}") from error


def load_classifier(path: Path) -> tuple[nn.Module, InputSpec]:
    """The network in fp32 and eval mode, and its input. Raises CheckpointError."""
    header, stored = _read(path)
    spec = _spec(header, path)
    state = {name: tensor.float() for name, tensor in stored.items()}
    network = classifier(len(spec.classes))
    try:
        missing, unexpected = network.load_state_dict(state, strict=False)
    except RuntimeError as error:  # a tensor of another shape
        raise CheckpointError(f"{path.name}: {error}") from error
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise CheckpointError(f"{path.name}: tensors missing {missing}, unknown {unexpected}")
    return network.eval(), spec


def read_spec(path: Path) -> InputSpec:
    """Of a classifier's file, without its tensors. Raises CheckpointError."""
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path.name} cannot be read: {error}") from error
    if header.get("format") != FORMAT:
        raise CheckpointError(f"{path.name} is not a classifier of the X-ray room")
    return _spec(header, path)


def _spec(header: dict[str, str], path: Path) -> InputSpec:
    try:
        classes = tuple(header["classes"].split(","))
        spec = InputSpec(
            int(header["px"]), _tone(header["mean"]), _tone(header["std"]), classes=classes
        )
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{path.name}: its header does not say its input") from error
    if classes not in KNOWN_CLASSES:
        raise CheckpointError(f"{path.name}: unknown classes {', '.join(classes)}")
    return spec


def _told(tone: Tone) -> str:
    return ",".join(map(repr, tone)) if isinstance(tone, tuple) else repr(tone)


def _tone(text: str) -> Tone:
    parts = tuple(float(part) for part in text.split(","))
    return parts if len(parts) > 1 else parts[0]
