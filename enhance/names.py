"""What a result is called: after the photo as its owner named it."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from enhance.kind import plan_of
from project.images.formats import FORMATS

if TYPE_CHECKING:
    from enhance.models import Enhancement


def result_name(source_name: str, scale: float, extension: str) -> str:
    """`photo.jpg` at scale 4 becomes `photo-x4.png`; two digits behind the point are kept."""
    stem = PurePath(source_name).stem or "picture"
    return f"{stem}-x{round(scale, 2):g}.{extension}"


def name_of_result(row: Enhancement) -> str:
    """The name for this task, though its picture may be shared with one of another name.

    Empty when there is no result.
    """
    if row.result is None:
        return ""
    if not row.is_cached:
        return row.result.original_name
    extension = FORMATS[row.result.format].extensions[0]
    return result_name(row.source_name, plan_of(row.job.params).scale, extension)
