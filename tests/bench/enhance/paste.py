"""C3: four restored faces back into twelve megapixels, against facexlib's `FaceRestoreHelper`.

    python -m tests.bench.enhance.paste [--width 4000] [--height 3000] [--faces 4] [--rounds 5]

Both sides get the same restored faces and the same answer of the parsing network (an ellipse, at
no cost) and make the mask, blur it, bring mask and face to their place and blend. Processor only.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import cv2
import numpy as np
import torch

from enhance.nets import torchvision_shim
from enhance.pipeline.faces.align import inverse_of
from enhance.pipeline.faces.batch import parse_batch
from enhance.pipeline.faces.paste import paste_face
from tests.bench.enhance import hardware, pictures
from tests.bench.enhance.commandline import parser
from tests.bench.enhance.report import Report
from tests.bench.enhance.turns import take_turns
from tests.enhance.faces.parts import EllipseParts

LEAST_GAIN, MOST_LEVELS = 6.0, 1
SCALE = 2


class Given:
    """A picture at the size of the source, its enlarged background, and restored faces."""

    def __init__(self, width: int, height: int, faces: int) -> None:
        self.picture, self.landmarks = pictures.group(width // SCALE, height // SCALE, faces)
        self.size = (width, height)
        self.background = cv2.resize(self.picture, self.size, interpolation=cv2.INTER_LANCZOS4)
        self.background_bgr = np.ascontiguousarray(self.background[..., ::-1])
        random = np.random.default_rng(1)
        self.faces = [random.integers(0, 256, (512, 512, 3), np.uint8) for _ in range(faces)]
        self.faces = [cv2.GaussianBlur(face, (0, 0), 3) for face in self.faces]
        self.parsing = EllipseParts()

    def align(self, helper: Any) -> None:
        """Everything that upstream does before it pastes."""
        helper.clean_all()
        helper.read_image(np.ascontiguousarray(self.picture[..., ::-1]))
        helper.all_landmarks_5 = [points.copy() for points in self.landmarks]
        helper.align_warp_face()
        helper.restored_faces = [face[..., ::-1] for face in self.faces]
        helper.get_inverse_affine()
        self.matrices = [matrix.copy() for matrix in helper.affine_matrices]

    def theirs(self, helper: Any) -> Any:
        """`paste_faces_to_input_image`, RGB."""
        return helper.paste_faces_to_input_image(upsample_img=self.background_bgr)[..., ::-1]

    def ours(self, canvas: Any) -> Any:
        """Into `canvas`, in place."""
        model = SimpleNamespace(network=self.parsing, device="cpu", dtype="float32")
        source = (self.picture.shape[1], self.picture.shape[0])
        masks = parse_batch(model, self.faces)  # type: ignore[arg-type]
        for face, mask, matrix in zip(self.faces, masks, self.matrices, strict=True):
            paste_face(canvas, face, mask, inverse_of(matrix, source=source, target=self.size))
        return canvas


def upstream_helper() -> Any:
    """Without its detector; the ellipse takes the place of the parsing network."""
    torchvision_shim.install()
    from facexlib.utils import face_restoration_helper as published

    with (
        patch.object(published, "init_detection_model", lambda *_, **__: None),
        patch.object(published, "init_parsing_model", lambda *_, **__: EllipseParts()),
    ):
        return published.FaceRestoreHelper(SCALE, use_parse=True, device=torch.device("cpu"))


def measure(report: Report, *, width: int, height: int, faces: int, rounds: int) -> None:
    """Turns on fresh canvases; making those is in neither side's time but for upstream's copy."""
    given, helper = Given(width, height, faces), upstream_helper()
    canvases = iter([given.background.copy() for _ in range(3 * rounds + 2)])
    given.align(helper)
    result = take_turns(
        {"ours": lambda: given.ours(next(canvases)), "upstream": lambda: given.theirs(helper)},
        rounds=rounds,
        # A helper pastes once: it keeps moving its matrices otherwise.
        prepare=lambda side: given.align(helper),
    )
    title = f"C3 {faces} faces into {width} x {height}"
    for side in result.sides:
        report.add(f"{title}, {side}", result.seconds(side), "s", detail=result.label)
        report.add(f"{title}, {side}, CPU", result.seconds(side, "cpu"), "CPU-s")
    report.at_least(f"{title}, gain ({result.label})", result.ratio("upstream", "ours"), LEAST_GAIN, "times")  # fmt: skip
    report.add("the same in CPU seconds", result.ratio("upstream", "ours", "cpu"), "times")
    mine, other = (result.sides[side].result for side in ("ours", "upstream"))
    psnr, most = pictures.differences(mine, other)
    report.at_most("C3 largest difference", most, MOST_LEVELS, "of 255", detail={"psnr": psnr})
    changed = float((mine != given.background).any(axis=2).mean())
    report.add("C3 part of the picture that the faces changed", 100 * changed, "%")


def main() -> int:
    """Command line; the exit code."""
    options = parser(__doc__, width=4000, height=3000, faces=4, rounds=5).parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    report = Report(f"C3, {hardware.describe()}", file=options.json)
    measure(report, width=options.width, height=options.height, faces=options.faces, rounds=options.rounds)  # fmt: skip
    return bool(report.missed)


if __name__ == "__main__":
    sys.exit(main())
