"""One whole job of either side: a file in, a JPEG out, faces included; landmarks are injected.

Both sides are spared the search for faces, which upstream does at full size and we do at 1,280.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from enhance.nets import face_networks
from enhance.nets.face_catalogue import PARSENET, RESTORERS
from enhance.pipeline import face_path, face_search
from enhance.pipeline.face_search import FaceWish
from enhance.pipeline.faces.align import align_face, inverse_of
from enhance.pipeline.faces.detect import Detection
from enhance.pipeline.faces.face import Box, Face
from enhance.pipeline.faces.paste import paste_face
from enhance.pipeline.faces.restore import restore_faces
from enhance.pipeline.resample import resize
from enhance.pipeline.upscale import Request
from project.images.encode import encode
from project.images.marking import SourceType
from tests.bench.enhance import upstream
from tests.bench.enhance.ours import Worker

RESTORER = RESTORERS[0]
JPEG_QUALITY = 95


@dataclass(frozen=True, kw_only=True)
class Task:
    """A JPEG file and where its faces are, faces x 5 x 2."""

    content: bytes
    landmarks: Any


def face_weights(folder: Path) -> Path:
    """Random GFPGAN and ParseNet for our store; the GFPGAN file for upstream."""
    path = upstream.random_face_weights(folder)
    state = torch.load(path, weights_only=True)["params_ema"]
    save_file({k: v.contiguous() for k, v in state.items()}, folder / f"{RESTORER}.safetensors")
    torch.manual_seed(upstream.SEED + 1)
    parser = face_networks.build_parsenet().state_dict()
    save_file({k: v.contiguous() for k, v in parser.items()}, folder / f"{PARSENET}.safetensors")
    return path


def same_parser(restorer: Any, folder: Path) -> None:
    """Give upstream's helper our ParseNet, whose weights are as random as its own."""
    from safetensors.torch import load_file

    restorer.face_helper.face_parse.load_state_dict(load_file(folder / f"{PARSENET}.safetensors"))


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a job made: the file, its pixels (RGB), and each face as the network drew it."""

    content: bytes
    pixels: Any
    faces: list[Any]


def theirs(restorer: Any, task: Task) -> Done:
    """Decode, `GFPGANer.enhance`, encode."""
    picture = cv2.imdecode(np.frombuffer(task.content, np.uint8), cv2.IMREAD_COLOR)
    made = upstream.run(restorer, picture[..., ::-1], task.landmarks)
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    content = cv2.imencode(".jpg", np.ascontiguousarray(made[..., ::-1]), quality)[1].tobytes()
    faces = [face[..., ::-1] for face in restorer.face_helper.restored_faces]
    return Done(content=content, pixels=made, faces=faces)


def ours(worker: Worker, task: Task, *, user: str = "", seconds: dict[str, float] | None = None) -> Done:  # fmt: skip
    """The same through our pipeline; `seconds` gets its stages."""
    picture = _decoded(task)
    plan = worker.plan(picture)
    wish = FaceWish(detector="injected", restorer=RESTORER, parser=PARSENET)
    with injected(task.landmarks):
        outcome = face_path.run(worker.run(user), Request(pixels=picture, plan=plan), wish)
    faces = [pasted.pixels for pasted in outcome.pasted.values()]
    if len(faces) != len(task.landmarks):
        raise RuntimeError(f"faces came out as {[face.status for face in outcome.faces]}")
    if seconds is not None:
        seconds.update(outcome.result.timings)
    return Done(content=_encoded(outcome.result.pixels), pixels=outcome.result.pixels, faces=faces)


def our_faces(worker: Worker, task: Task, *, scale: int) -> Done:
    """Only the faces: the background is resampled."""
    picture, run = _decoded(task), worker.run()
    height, width = (side * scale for side in picture.shape[:2])
    crops = [align_face(picture, face) for face in faces_at(task.landmarks)]
    restored = restore_faces(run, crops, restorer=RESTORER, parsing=True)  # type: ignore[arg-type]
    canvas = resize(picture, width=width, height=height, scratch_dir=worker.scratch)
    canvas = canvas if canvas.flags.writeable else canvas.copy()
    for crop, face in zip(crops, restored, strict=True):
        inverse = inverse_of(crop.matrix, source=picture.shape[1::-1], target=(width, height))
        paste_face(canvas, face.pixels, face.mask, inverse)
    return Done(content=_encoded(canvas), pixels=canvas, faces=[face.pixels for face in restored])


def _decoded(task: Task) -> Any:
    return np.asarray(Image.open(io.BytesIO(task.content)).convert("RGB"))


def _encoded(pixels: Any) -> bytes:
    kind = SourceType.GENERATIVE_EDIT
    return encode(pixels, source_type=kind, format="JPEG", quality=JPEG_QUALITY).content


_landmarks = threading.local()


def replace_detection() -> None:
    """From now on the face path of this process finds what `injected` says."""
    face_search.detect_faces = _found


@contextmanager
def injected(landmarks: Sequence[Any]) -> Iterator[None]:
    """What the search of this thread finds."""
    _landmarks.value = landmarks
    yield


def _found(context: Any, pixels: Any, *, detector: str) -> Detection:
    del context, pixels
    faces = faces_at(_landmarks.value)
    return Detection(faces=tuple(faces), warnings=(), detector=detector)


def faces_at(landmarks: Sequence[Any]) -> list[Face]:
    """What a detector would have said."""
    faces = []
    for points in landmarks:
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        five = tuple((float(x), float(y)) for x, y in points)
        faces.append(Face(box=Box(left, top, right, bottom), points=five, score=0.99))  # type: ignore[arg-type]
    return faces
