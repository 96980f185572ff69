"""The enlargement of one picture with its faces: find, enlarge, restore, put in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, cast

import numpy as np

from enhance.pipeline import upscale
from enhance.pipeline.face_search import (
    DETECT_STAGE,
    FACE_FAILED,
    FACE_MODEL_MISSING,
    NO_FACE,
    FaceWish,
    FoundFace,
    FoundFaces,
    search,
)
from enhance.pipeline.faces.align import inverse_of
from enhance.pipeline.faces.masks import Mask
from enhance.pipeline.faces.paste import paste_aligned, paste_face
from enhance.pipeline.faces.restore import STAGE as FACES_STAGE
from enhance.pipeline.faces.restore import RestoredFace, restore_faces
from enhance.pipeline.progress import PartOfRun
from enhance.pipeline.tiling import Pixels, white
from project.inference.context import RunContext
from project.inference.errors import OutOfMemory

PASTE_STAGE = "paste"
Restoration = Literal["applied", "none_found", "off", "unavailable"]
KeepBackground = Callable[[upscale.Result], None]


@dataclass(frozen=True, kw_only=True)
class PastedFace:
    """What is needed to put one face in, now or later: 512 x 512 x 3 in the depth of the picture
    with its mask in the same depth, and its place. `is_whole` is a picture that is the face."""

    pixels: Pixels
    mask: Pixels
    matrix: np.ndarray
    fidelity: float
    is_whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The finished picture, its faces and what became of them; `pasted` by place of the face.

    `units` were counted after the tiles: the faces that went to the network.
    """

    result: upscale.Result
    units: int = 0
    restoration: Restoration = "off"
    faces: list[FoundFace] = field(default_factory=list)
    pasted: dict[int, PastedFace] = field(default_factory=dict)


def run(
    context: RunContext,
    request: upscale.Request,
    wish: FaceWish | None,
    *,
    keep_background: KeepBackground = lambda result: None,
    clock: Callable[[], float] = time.perf_counter,
) -> Outcome:
    """The picture at its exact size with its faces restored; without a `wish` without looking.

    `keep_background` gets the picture before the first face is put in, if there is one. Raises
    the errors of project.inference.errors; checkpoints lie between tiles and between faces.
    """
    if wish is None:
        return Outcome(result=upscale.run(context, request))
    units = request.plan.units
    started = clock()
    context.step(DETECT_STAGE, 0, units)
    found = search(context, request.pixels, wish)
    searched = clock()
    wanted = [place for place, each in enumerate(found.faces) if each.is_wanted]
    todo = wanted if wish.restorer else []
    result = upscale.run(PartOfRun(context, after=len(todo)), request)
    enlarged = clock()
    versions: dict[str, str] = {}
    restored = _restore(context, found, todo, wish, before=units, versions=versions)
    warnings = _judge(found, wanted, restored, wish)
    pasted = _pasted(found, restored, is_grey=request.is_grey, is_whole=wish.aligned)
    drawn = clock()
    if pasted:
        keep_background(result)
        context.step(PASTE_STAGE, units + len(todo), units + len(todo))
        height, width = request.pixels.shape[:2]
        pixels = put_in(result.pixels, pasted.values(), source=(width, height))
        result = replace(result, pixels=pixels)
    seconds = {"detect": searched - started, "faces": drawn - enlarged, "paste": clock() - drawn}
    return Outcome(
        result=replace(
            result,
            warnings=[*result.warnings, *warnings],
            model_versions={**result.model_versions, **versions},
            timings={**result.timings, **{name: round(s, 3) for name, s in seconds.items()}},
        ),
        units=len(todo),
        restoration=_restoration(found, pasted, wish),
        faces=found.faces,
        pasted=pasted,
    )


def put_in(background: Pixels, faces: Iterable[PastedFace], *, source: tuple[int, int]) -> Pixels:
    """`background` (H x W x 3) with the faces in it, in place where that is possible.

    `source` is width and height of the picture that the matrices belong to. Equal input gives
    equal pixels: a blend of stored faces is the same as the first.
    """
    canvas = background if background.flags.writeable else background.copy()
    height, width = canvas.shape[:2]
    for face in faces:
        if face.is_whole:
            paste_aligned(canvas, face.pixels, fidelity=face.fidelity)
            continue
        inverse = inverse_of(face.matrix, source=source, target=(width, height))
        mask = face.mask.astype(np.float32) / np.float32(white(face.mask))
        paste_face(canvas, face.pixels, mask, inverse, fidelity=face.fidelity)
    return canvas


def _restore(
    context: RunContext,
    found: FoundFaces,
    todo: Sequence[int],
    wish: FaceWish,
    *,
    before: int,
    versions: dict[str, str],
) -> dict[int, RestoredFace]:
    """The chosen faces by their place; `versions` learns which networks drew them."""
    if not todo or wish.restorer is None:
        return {}
    part = PartOfRun(context, before=before)
    part.step(FACES_STAGE, 0, len(todo))
    crops = [crop for crop in (found.faces[place].crop for place in todo) if crop is not None]
    with context.model(wish.restorer) as model:
        versions[model.name] = f"{model.version} sha256:{model.sha256}"
    try:
        restored = restore_faces(
            part,
            crops,
            restorer=wish.restorer,
            parsing=wish.parser is not None,
            finished=lambda count: part.step(FACES_STAGE, count, len(todo)),
        )
    except OutOfMemory:
        if wish.is_required:
            raise
        # The picture itself is done; its owner is told that the faces are not.
        restored = [RestoredFace(status="failed") for _ in todo]
    return dict(zip(todo, restored, strict=True))


def _judge(
    found: FoundFaces, wanted: Sequence[int], restored: dict[int, RestoredFace], wish: FaceWish
) -> list[str]:
    """Write down what became of each face; returns the codes of warnings."""
    for place in wanted:
        face = found.faces[place]
        if wish.restorer is None:
            face.status, face.reason = "unavailable", FACE_MODEL_MISSING
        elif restored[place].status == "failed":
            face.status, face.reason = "failed", FACE_FAILED
        else:
            face.status = "restored"
    named = wish.is_required or wish.choice not in ("all", "none")
    statuses = {face.status for face in found.faces}
    codes = (
        (NO_FACE, not found.faces and named and wish.detector is not None),
        (FACE_MODEL_MISSING, "unavailable" in statuses),
        (FACE_FAILED, "failed" in statuses),
    )
    return [*found.warnings, *(code for code, applies in codes if applies)]


def _pasted(
    found: FoundFaces, restored: dict[int, RestoredFace], *, is_grey: bool, is_whole: bool
) -> dict[int, PastedFace]:
    pasted = {}
    for place, face in restored.items():
        crop = found.faces[place].crop
        if face.pixels is None or face.mask is None or crop is None:
            continue
        pasted[place] = PastedFace(
            pixels=_as_grey(face.pixels) if is_grey else face.pixels,
            mask=_in_steps(face.mask, face.pixels),
            matrix=crop.matrix,
            fidelity=found.faces[place].fidelity,
            is_whole=is_whole,
        )
    return pasted


def _in_steps(mask: Mask, like: Pixels) -> Pixels:
    """0..1 in the steps of the picture, as it is stored: later blends see the same mask."""
    return cast("Pixels", np.rint(mask * white(like)).astype(like.dtype))


def _as_grey(pixels: Pixels) -> Pixels:
    """The network colours a grey face; the picture has no colour to show it in."""
    grey = np.rint(pixels.mean(axis=2, keepdims=True, dtype=np.float32)).astype(pixels.dtype)
    return np.repeat(grey, 3, axis=2)


def _restoration(found: FoundFaces, pasted: dict[int, PastedFace], wish: FaceWish) -> Restoration:
    if pasted:
        return "applied"
    if wish.choice == "none":
        return "off"
    if wish.detector is None and not wish.aligned:
        return "unavailable"
    if not found.faces:
        return "none_found"
    return "unavailable" if wish.restorer is None else "off"
