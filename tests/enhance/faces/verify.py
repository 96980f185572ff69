"""Check the face path on an operator's real GFPGAN file: `make verify-faces WEIGHTS=FILE [PICTURE=FILE]`.

Detects, aligns, restores and blends as the worker does, and lets GFPGAN's own restorer do the same with
the same file, points and masks, without noise. Prints the differences, writes a picture to compare
(enlarged, upstream, ours, their difference times 8, and ours with the mask that the product uses) and ends
with 0 when crops are equal and faces and picture differ by at most one level of 255, 1 otherwise, 2 when
nothing could be compared.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

import cv2
import numpy as np

SCALE = 2
ALLOWED_LEVELS = 1
RESTORER = "gfpgan-1.4"


def main() -> int:
    """Compare and print; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True, help="GFPGANv1.4.pth or another")
    parser.add_argument("--picture", type=Path, help="a photo; scikit-image's astronaut by default")
    parser.add_argument("--out", type=Path, default=Path("var/verify-faces.png"))
    parser.add_argument("--bfloat16", action="store_true", help="also say what bfloat16 would cost")
    arguments = parser.parse_args()
    if not arguments.weights.is_file():
        print("name your GFPGAN file: make verify-faces WEIGHTS=GFPGANv1.4.pth", file=sys.stderr)
        return 2
    import django

    django.setup()
    from project.inference.errors import InferenceError

    try:
        return verify(arguments)
    except InferenceError as error:
        print(f"{error.code}: {error.detail}", file=sys.stderr)
        return 2


def verify(arguments: argparse.Namespace) -> int:
    """The comparison itself."""
    from enhance.nets.face_convert import gfpgan_to_safetensors
    from enhance.pipeline.faces.align import align_face
    from enhance.pipeline.faces.detect import detect_faces
    from enhance.pipeline.faces.restore import restore_faces
    from project.inference.run import LocalRun

    picture = read(arguments.picture)
    print(f"{arguments.weights.name}: {release_of(arguments.weights)}")
    with tempfile.TemporaryDirectory(prefix="omnilens-verify-") as folder:
        converted = Path(folder) / "model.safetensors"
        gfpgan_to_safetensors({arguments.weights.name: arguments.weights}, converted)
        print("data only, keys and shapes exactly those of GFPGAN clean: yes")
        host, lease = host_with(converted)
        with LocalRun(host=host, lease=lease, checkpoint=lambda *step: None) as context:
            faces = detect_faces(context, picture).faces
            pairs = [(face, align_face(picture, face)) for face in faces]
            fitting = [(face, crop) for face, crop in pairs if crop is not None]
            print(f"faces found in {picture.shape[1]}x{picture.shape[0]}: {len(fitting)}")
            if not fitting:
                print("no face, nothing to compare: give a PICTURE with one", file=sys.stderr)
                return 2
            crops = [crop for _, crop in fitting]
            restored = restore_faces(context, crops, restorer=RESTORER)
            if arguments.bfloat16:
                say_what_bfloat16_costs(context, crops[0].pixels)
    if any(face.pixels is None for face in restored):
        print("the network returned no picture for a face", file=sys.stderr)
        return 1
    theirs = upstream(arguments.weights, picture, [face.landmarks for face, _ in fitting])
    return compare(picture, crops, restored, theirs, arguments.out)


def compare(picture: Any, crops: Any, restored: Any, theirs: Any, out: Path) -> int:
    """Print the differences, write the picture; 0 when they are within the allowed level."""
    from tests.enhance.faces.parts import ellipse_mask

    worst_crop = max(levels(crop.pixels, a) for crop, a in zip(crops, theirs[0], strict=True))
    worst_face = max(levels(face.pixels, a) for face, a in zip(restored, theirs[1], strict=True))
    background = enlarged(picture)
    same_mask = blended(background, crops, restored, [ellipse_mask()] * len(crops))
    product = blended(background, crops, restored, [face.mask for face in restored])
    worst = levels(same_mask, theirs[2])
    print(
        f"largest difference in levels of 255: crops {worst_crop}, faces {worst_face}, picture {worst}"
    )
    apart = np.abs(same_mask.astype(int) - theirs[2]) * 8
    sheet = np.hstack([background, theirs[2], same_mask, apart.clip(0, 255), product])
    out.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(out), sheet.astype(np.uint8)[..., ::-1]):
        print(f"could not write {out}", file=sys.stderr)
        return 2
    print(f"written: {out} (enlarged | upstream | ours | difference x 8 | ours with our mask)")
    is_equal = worst_crop == 0 and max(worst_face, worst) <= ALLOWED_LEVELS
    print("equal within the allowed level" if is_equal else "NOT EQUAL")
    return int(not is_equal)


def read(path: Path | None) -> Any:
    """H x W x 3 RGB, 8 bits."""
    if path is None:
        from skimage import data

        return data.astronaut()
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None:
        raise SystemExit(f"{path} is no picture that OpenCV reads")
    return np.ascontiguousarray(pixels[..., ::-1])


def release_of(path: Path) -> str:
    """Which entry of the manifest this file is, by its hash."""
    from project.inference import weights
    from project.inference.sources import sha256_of

    found = sha256_of(path)
    names = [e.name for e in weights.all_entries() if any(f.sha256 == found for f in e.files)]
    return f"the release {names[0]}" if names else f"no release of the manifest (sha256 {found})"


def host_with(converted: Path) -> tuple[Any, Any]:
    """The models of this machine, with the given file as the face network; float32 on the CPU."""
    import torch

    from enhance.nets.face_loader import load_network
    from enhance.nets.face_networks import build_gfpgan
    from project.inference.device_lease import DeviceLease
    from project.inference.devices import Format, Placement
    from project.inference.memory_budget import MemoryBudget
    from project.inference.model_host import ModelHost
    from project.inference.model_loading import Loaded, load_model
    from project.inference.weight_store import configured_store

    def load(spec: Any, store: Any, placement: Any) -> Loaded:
        if spec.name != RESTORER:
            return load_model(spec, store, placement)
        network = load_network(converted, build_gfpgan, device="cpu", dtype=torch.float32)
        return Loaded(network=network, sha256="", bytes=converted.stat().st_size)

    host = ModelHost(
        store=configured_store(),
        place=lambda spec: Placement(device="cpu", format=Format()),
        budget=MemoryBudget(4 << 30),
        load=load,
    )
    return host, DeviceLease()


def upstream(checkpoint: Path, picture: Any, points: list[Any]) -> tuple[Any, Any, Any]:
    """Crops, faces and picture of GFPGAN's own restorer, in RGB."""
    from tests.enhance.faces.parts import EllipseParts
    from tests.enhance.faces.reference import reference_restorer

    restorer = reference_restorer(checkpoint, points, upscale=SCALE, parsing=EllipseParts())
    crops, faces, whole = restorer.enhance(np.ascontiguousarray(picture[..., ::-1]))
    return [a[..., ::-1] for a in crops], [a[..., ::-1] for a in faces], whole[..., ::-1]


def enlarged(picture: Any) -> Any:
    """The background that upstream takes without an upsampler."""
    size = (picture.shape[1] * SCALE, picture.shape[0] * SCALE)
    return cv2.resize(picture, size, interpolation=cv2.INTER_LANCZOS4)


def blended(background: Any, crops: Any, restored: Any, masks: Any) -> Any:
    """All faces in the enlarged picture, by our paste."""
    from enhance.pipeline.faces.align import inverse_of
    from enhance.pipeline.faces.paste import paste_face

    canvas = background.copy()
    target = (canvas.shape[1], canvas.shape[0])
    source = (target[0] // SCALE, target[1] // SCALE)
    for crop, face, mask in zip(crops, restored, masks, strict=True):
        paste_face(canvas, face.pixels, mask, inverse_of(crop.matrix, source=source, target=target))
    return canvas


def levels(one: Any, other: Any) -> int:
    """The largest difference of two 8-bit pictures."""
    return int(np.abs(one.astype(int) - other).max())


def say_what_bfloat16_costs(context: Any, crop: Any) -> None:
    """PSNR of one face in bfloat16 against float32: what a Precision of the registry needs."""
    import copy
    from types import SimpleNamespace

    import torch

    from enhance.pipeline.faces.batch import restore_batch

    with context.model(RESTORER) as model:
        lower = copy.deepcopy(model.network).to(torch.bfloat16)
        (exact,) = restore_batch(model, [crop])
        (rough,) = restore_batch(
            SimpleNamespace(network=lower, dtype="float32", device="cpu"), [crop]
        )
    if exact is None or rough is None:
        print("bfloat16: no picture")
        return
    error = float(((exact.astype(float) - rough) ** 2).mean())
    print(f"bfloat16 against float32: {10 * math.log10(255**2 / max(error, 1e-9)):.1f} dB")


if __name__ == "__main__":
    sys.exit(main())
