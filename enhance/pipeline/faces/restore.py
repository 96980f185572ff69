"""All chosen faces of one picture through the face network and to their masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from enhance.pipeline.faces.align import FaceCrop
from enhance.pipeline.faces.masks import Mask, masks_of
from enhance.pipeline.tiling import Pixels
from project.inference.context import RunContext

STAGE = "faces"
FACE_FAILED = "face_failed"


@dataclass(frozen=True, kw_only=True)
class RestoredFace:
    """One face after the network. With these and the crop's matrix it can be blended anew at any
    fidelity, and no network runs.

    `pixels` are 512 x 512 x 3 RGB in the depth of the crop, `mask` is 512 x 512 in 0..1. Both are
    None when it `failed`: the network gave numbers that are no picture.
    """

    status: Literal["restored", "failed"]
    pixels: Pixels | None = None
    mask: Mask | None = None


def restore_faces(
    context: RunContext,
    crops: Sequence[FaceCrop],
    *,
    restorer: str,
    parsing: bool = False,
    finished: Callable[[int], None] = lambda count: None,
) -> list[RestoredFace]:
    """The crops through GFPGAN (a name of the face catalogue), in batches with those of other runs.

    `parsing` takes the masks from ParseNet instead of the ellipse. `finished` hears the number of
    restored faces after each and may raise to end the run. A face whose result is no picture is
    marked failed and the others go on; what `RunContext.batch_all` raises ends the run.
    """
    restored: list[Pixels | None] = context.batch_all(
        restorer, [crop.pixels for crop in crops], finished=finished
    )
    well = [face for face in restored if face is not None]
    masks = iter(masks_of(context, well, parsing=parsing))
    return [
        RestoredFace(status="failed")
        if face is None
        else RestoredFace(status="restored", pixels=face, mask=next(masks))
        for face in restored
    ]
