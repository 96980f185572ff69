"""The worker's side of `enhance.faces_preview`: boxes and thumbnails, nothing is restored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PIL import Image

from enhance.faces.keep import place_of
from enhance.faces.wish import wish_of
from enhance.kind import options_of
from enhance.models import FacesPreview
from enhance.pipeline.face_search import DETECT_STAGE, NO_FACE, FoundFace, search
from enhance.source import in_depth, read_stored
from project.images.encode import encode
from project.images.marking import SourceType
from project.images.models import ImageRecord
from project.images.records import record_result
from project.inference.errors import InvalidInput, ModelUnavailable
from project.jobs.kinds import FileSink, Outcome

if TYPE_CHECKING:
    from project.inference.context import RunContext
    from project.jobs.models import Job

THUMBNAIL_SIDE = 160
THUMBNAIL_QUALITY = 85


@dataclass(frozen=True, kw_only=True)
class _Thumbnail:
    key: str
    content: bytes


def handle(*, job: Job, context: RunContext, files: FileSink) -> Outcome:
    """Decode, find, cut out. Raises project.inference.errors."""
    preview = FacesPreview.objects.select_related("source").filter(job=job).first()
    if preview is None:
        raise InvalidInput("the preview was deleted")
    options = options_of(job.params)
    wish = wish_of(options)
    if wish.detector is None and not wish.aligned:
        raise ModelUnavailable("no face detector is installed")
    context.step("decode", 0, 2)
    picture = read_stored(preview.source, options)
    context.step(DETECT_STAGE, 1, 2)
    found = search(context, picture.array, wish)
    thumbnails = [
        _save(files, index, each) if each.crop is not None else None
        for index, each in enumerate(found.faces)
    ]
    warnings = [*found.warnings, *([] if found.faces else [NO_FACE])]
    context.step(DETECT_STAGE, 2, 2)
    return Outcome(
        commit=partial(
            _commit,
            faces=[_as_json(index, each) for index, each in enumerate(found.faces)],
            thumbnails=thumbnails,
            warnings=warnings,
        ),
        data={"faces": len(found.faces)},
    )


def _as_json(index: int, each: FoundFace) -> dict[str, Any]:
    return {
        "index": index,
        **place_of(each),
        "chosen": each.is_wanted,
        "reason": each.reason,
        "thumbnail": None,
    }


def _save(files: FileSink, index: int, each: FoundFace) -> _Thumbnail:
    crop = each.crop
    if crop is None:
        raise ValueError("a face without a crop has no thumbnail")
    small = Image.fromarray(in_depth(crop.pixels, 8)).resize(
        (THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS
    )
    import numpy as np

    made = encode(
        np.asarray(small),
        source_type=SourceType.ENHANCED,
        format="JPEG",
        quality=THUMBNAIL_QUALITY,
    )
    return _Thumbnail(key=files.save(f"face-{index}.jpg", made.content), content=made.content)


def _commit(
    job: Job,
    *,
    faces: list[dict[str, Any]],
    thumbnails: list[_Thumbnail | None],
    warnings: list[str],
) -> None:
    """Inside the finishing transaction."""
    rows = FacesPreview.objects.filter(job=job)
    expires_at = rows.values_list("expires_at", flat=True).get()
    for face, thumbnail in zip(faces, thumbnails, strict=True):
        if thumbnail is not None:
            record = record_result(
                owner=job.owner,
                key=thumbnail.key,
                content=thumbnail.content,
                purpose=ImageRecord.Purpose.PREVIEW,
                expires_at=expires_at,
            )
            face["thumbnail"] = str(record.pk)
    rows.update(faces=faces, warnings=warnings)
