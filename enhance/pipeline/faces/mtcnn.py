"""Faces by MTCNN: proposals on a pyramid, then two networks that look closer.

After "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional Networks" (2016).
The windows that go on to the closer networks are limited, so that noise costs no more than a crowd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from enhance.nets.mtcnn import OUTPUT_SIDE, PROPOSAL_CELL, REFINE_SIDE
from enhance.pipeline.faces.boxes import Boxes, Numbers, shifted, squared, suppress
from enhance.pipeline.faces.face import MIN_FACE_PIXELS, Box, Face
from project.inference.context import Model
from project.inference.transfer import to_host

PYRAMID_FACTOR = 0.709
STRIDE = 2
# The last one is stricter than the paper: creases and collars reach 0.85, faces 0.99.
PROPOSAL_SCORE, REFINE_SCORE, OUTPUT_SCORE = 0.6, 0.7, 0.9
MAX_PROPOSALS, MAX_REFINED = 2000, 500
BATCH = 256


class MtcnnDetector:
    """Runs on the held device. `check` is called between the networks and may end the run."""

    def __init__(self, model: Model, check: Callable[[], None] = lambda: None) -> None:
        self._network = model.network
        self._check = check
        self._device = next(self._network.parameters()).device

    def detect(self, picture: NDArray[np.uint8]) -> Iterator[Face]:
        """See `Detector.detect`."""
        boxes = self._propose(picture)
        boxes = self._refine(picture, boxes)
        yield from self._finish(picture, boxes)

    def _propose(self, picture: NDArray[np.uint8]) -> Boxes:
        found: list[Boxes] = []
        scores: list[Numbers] = []
        for scale in _pyramid(*picture.shape[:2]):
            self._check()
            size = (int(picture.shape[1] * scale + 1), int(picture.shape[0] * scale + 1))
            level = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
            probability, shifts = self._run("proposal", level[None])
            rows, columns = np.nonzero(probability[0] >= PROPOSAL_SCORE)
            corners = np.stack([columns, rows], axis=1) * STRIDE
            boxes = np.hstack([corners, corners + PROPOSAL_CELL]) / scale
            certain = probability[0, rows, columns].astype(np.float64)
            kept = suppress(boxes, certain, 0.5)
            boxes = shifted(boxes[kept], shifts[0][:, rows, columns].T[kept])
            found.append(boxes)
            scores.append(certain[kept])
        boxes, certain = np.vstack(found or [np.empty((0, 4))]), np.hstack(scores or [np.empty(0)])
        return squared(boxes[suppress(boxes, certain, 0.7)[:MAX_PROPOSALS]])

    def _refine(self, picture: NDArray[np.uint8], boxes: Boxes) -> Boxes:
        if not len(boxes):
            return boxes
        probability, shifts = self._run("refine", _windows(picture, boxes, REFINE_SIDE))
        boxes, certain, (shifts,) = _certain(boxes, probability, REFINE_SCORE, shifts)
        kept = suppress(boxes, certain, 0.7)[:MAX_REFINED]
        return squared(shifted(boxes[kept], shifts[kept]))

    def _finish(self, picture: NDArray[np.uint8], boxes: Boxes) -> Iterator[Face]:
        if not len(boxes):
            return
        windows = _windows(picture, boxes, OUTPUT_SIDE)
        probability, shifts, places = self._run("output", windows)
        boxes, certain, (shifts, places) = _certain(
            boxes, probability, OUTPUT_SCORE, shifts, places
        )
        sizes = boxes[:, 2:] - boxes[:, :2]
        xs = boxes[:, :1] + sizes[:, :1] * places[:, :5]
        ys = boxes[:, 1:2] + sizes[:, 1:] * places[:, 5:]
        boxes = shifted(boxes, shifts)
        for index in suppress(boxes, certain, 0.7, by="smaller"):
            first, second, third, fourth, fifth = (
                (float(x), float(y)) for x, y in zip(xs[index], ys[index], strict=True)
            )
            yield Face(
                box=Box(*map(float, boxes[index])),
                points=(first, second, third, fourth, fifth),
                score=float(certain[index]),
            )

    def _run(self, stage: str, windows: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """N x H x W x 3 through one of the networks, in parts that fit any memory."""
        network = self._network.get_submodule(stage)
        parts = []
        for start in range(0, len(windows), BATCH):
            self._check()
            with torch.inference_mode():
                part = torch.from_numpy(windows[start : start + BATCH]).to(self._device)
                answers = network((part.permute(0, 3, 1, 2).float() - 127.5) / 128)
                parts.append([to_host(answer).numpy() for answer in answers])
        return [np.concatenate(answers) for answers in zip(*parts, strict=True)]


def _pyramid(height: int, width: int) -> Iterator[float]:
    """Scales at which a face of 20 pixels and larger fills a cell of 12."""
    scale = PROPOSAL_CELL / MIN_FACE_PIXELS
    while min(height, width) * scale >= PROPOSAL_CELL:
        yield scale
        scale *= PYRAMID_FACTOR


def _windows(picture: NDArray[np.uint8], boxes: Boxes, side: int) -> NDArray[np.uint8]:
    """Each box brought to a square of `side`; what lies outside the picture is black."""
    windows = np.empty((len(boxes), side, side, 3), np.uint8)
    for window, edges in zip(windows, np.round(boxes).astype(int), strict=True):
        part = _part(picture, *map(int, edges))
        cv2.resize(part, (side, side), dst=window, interpolation=cv2.INTER_AREA)
    return windows


def _part(
    picture: NDArray[np.uint8], left: int, top: int, right: int, bottom: int
) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    if left >= 0 and top >= 0 and right <= width and bottom <= height:
        return picture[top:bottom, left:right]
    part = np.zeros((bottom - top, right - left, 3), np.uint8)
    inside = picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    y, x = max(0, -top), max(0, -left)
    part[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    return part


def _certain(
    boxes: Boxes, probability: NDArray[np.float32], limit: float, *answers: NDArray[np.float32]
) -> tuple[Boxes, Numbers, tuple[NDArray[np.float32], ...]]:
    """What a network is sure enough of."""
    keep = probability > limit
    return boxes[keep], probability[keep].astype(np.float64), tuple(part[keep] for part in answers)
