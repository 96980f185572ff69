"""Each embedded network enlarges a small picture for real, and the result is compared."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from enhance.local import enlarge_file
from enhance.options import EnhanceOptions
from enhance.services.networks import installed_networks
from project.doctor.findings import Finding, error, ok
from project.errors import ServiceError
from project.inference.errors import InferenceError
from project.inference.run import LocalRun
from project.inference.runtime import worker_runtime

TOPIC = "network"
FOLDER = Path(__file__).parent
SOURCE = FOLDER / "source.png"
# Beside the float32 reference: bfloat16 reaches 45 dB and more, a damaged network less than 25.
LEAST_PSNR_DB = 35.0
REFERENCE_SIDE = 32
REPAIR = "manage.py models verify; manage.py models pull --embedded"


def examine() -> Iterator[Finding]:
    """One finding for each embedded network; the whole way from file to signed file."""
    for network in installed_networks():
        if network.entry.embedded and reference_of(network.entry.name).is_file():
            yield examine_network(network.entry.name)


def examine_network(name: str) -> Finding:
    """Enlarge the picture and compare the middle of the result with the reference."""
    options = EnhanceOptions(model=name, output_format="png")
    try:
        with tempfile.TemporaryDirectory() as folder, LocalRun(checkpoint=_silent) as run:
            device = worker_runtime().device.partition(":")[0]
            done = enlarge_file(
                run, SOURCE, options, output=Path(folder, "result.png"), is_folder=False,
                device=device,
            )  # fmt: skip
            found = middle_of(done.path)
    except (InferenceError, ServiceError) as failure:
        return error(TOPIC, f"{name} fails: {failure.code}: {failure.detail}", REPAIR)
    likeness = psnr_db(found, np.asarray(Image.open(reference_of(name)).convert("RGB")))
    text = f"{likeness:.0f} dB of its reference, {done.seconds:.1f} s on {device}"
    if likeness < LEAST_PSNR_DB:
        return error(TOPIC, f"{name} gives another picture: within {text}.", REPAIR)
    return ok(TOPIC, f"{name} enlarged a picture within {text}.")


def reference_of(name: str) -> Path:
    """The middle of what the network makes of the source in float32 (tests/enhance/build_self_test)."""
    return FOLDER / f"{name}.png"


def middle_of(path: Path) -> np.ndarray:
    """REFERENCE_SIDE x REFERENCE_SIDE pixels, uint8 RGB."""
    with Image.open(path) as picture:
        left, top = ((side - REFERENCE_SIDE) // 2 for side in picture.size)
        box = (left, top, left + REFERENCE_SIDE, top + REFERENCE_SIDE)
        return np.asarray(picture.convert("RGB").crop(box))


def psnr_db(one: np.ndarray, other: np.ndarray) -> float:
    """Peak signal to noise ratio of two uint8 pictures; 99 when they are equal."""
    error = np.mean((one.astype(np.float64) - other.astype(np.float64)) ** 2)
    return 99.0 if error == 0 else float(10 * np.log10(255**2 / error))


def _silent(stage: str, done: int, total: int, partial: object = None) -> None:
    del stage, done, total, partial
