"""Faces by RetinaFace on ResNet-50, where an operator has its weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from enhance.pipeline.faces.boxes import suppress
from enhance.pipeline.faces.face import Box, Face
from project.inference.context import Model
from project.inference.transfer import to_host

SCORE = 0.97
IOU = 0.4
# Subtracted from blue, green, red, as the network was trained.
MEAN_BGR = (104.0, 117.0, 123.0)
# A network that believes in everything may not cost more than a crowd does.
MAX_CANDIDATES = 2000


class RetinaDetector:
    """Runs on the held device. `check` is called around the network and may end the run."""

    def __init__(self, model: Model, check: Callable[[], None] = lambda: None) -> None:
        self._network = model.network
        self._check = check
        self._device = next(self._network.parameters()).device

    def detect(self, picture: NDArray[np.uint8]) -> Iterator[Face]:
        """See `Detector.detect`."""
        self._check()
        boxes, scores, points = self._run(picture)
        self._check()
        best = np.argsort(-scores, kind="stable")[:MAX_CANDIDATES]
        best = best[scores[best] > SCORE]
        boxes, scores, points = boxes[best], scores[best], points[best]
        for index in suppress(boxes, scores, IOU):
            first, second, third, fourth, fifth = (
                (float(x), float(y)) for x, y in points[index].reshape(5, 2)
            )
            yield Face(
                box=Box(*map(float, boxes[index])),
                points=(first, second, third, fourth, fifth),
                score=float(scores[index]),
            )

    def _run(self, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float64], ...]:
        """Boxes N x 4, scores N and points N x 10 of all anchors, in pixels of the picture."""
        from facexlib.detection.retinaface_utils import PriorBox, decode, decode_landm

        height, width = picture.shape[:2]
        with torch.inference_mode():
            pixels = torch.from_numpy(picture[None, ..., ::-1].copy()).to(self._device)
            pixels = pixels.permute(0, 3, 1, 2).float()
            mean = torch.tensor(MEAN_BGR, device=self._device)[None, :, None, None]
            boxes, scores, points = (answer[0].float() for answer in self._network(pixels - mean))
            anchors = PriorBox(self._network.cfg, image_size=(height, width)).forward()
            anchors = anchors.to(self._device)
            variance = self._network.cfg["variance"]
            corners = decode(boxes, anchors, variance)
            landmarks = decode_landm(points, anchors, variance)
        size = np.array([width, height], np.float64)
        return (
            to_host(corners).numpy() * np.tile(size, 2),
            to_host(scores[:, 1]).numpy().astype(np.float64),
            to_host(landmarks).numpy() * np.tile(size, 5),
        )
