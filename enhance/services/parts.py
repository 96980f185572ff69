"""The pictures that belong to an enlargement beside original and result: background, faces,
replaced results."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from enhance.models import Enhancement, FaceResult, Reblend
from project.images.models import ImageRecord
from project.images.records import delete_image
from project.jobs.models import Job


def parts_of(enhancement: Enhancement) -> list[ImageRecord]:
    """Every part that still exists."""
    faces = enhancement.face_results.select_related("crop", "restored")
    parts = [enhancement.background, *(picture for f in faces for picture in (f.crop, f.restored))]
    blends = enhancement.reblends.select_related("replaced")
    return [part for part in (*parts, *(blend.replaced for blend in blends)) if part is not None]


def hold(pictures: Iterable[ImageRecord | None]) -> None:
    """Until the transaction ends nobody else decides whether these are still used.

    After the own rows are gone and before anybody is asked: of two deletes at the same time each
    would otherwise see the other's rows and leave a picture to nobody. In one order for everybody.
    """
    keys = [picture.pk for picture in pictures if picture is not None]
    list(ImageRecord.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def delete_unused(parts: Iterable[ImageRecord]) -> None:
    """Delete those of `parts` that no enlargement refers to any more, with their files."""
    for part in parts:
        if not _is_referenced(part):
            delete_image(part, even_in_use=True)


def is_part_in_use(record: ImageRecord) -> bool:
    """Whether a blend that has not ended still has to read the picture."""
    waiting = Enhancement.objects.filter(
        Q(background=record) | Q(face_results__restored=record),
        reblends__job__state__in=(Job.State.QUEUED, Job.State.RUNNING),
    )
    return waiting.exists()


def _is_referenced(part: ImageRecord) -> bool:
    return (
        Enhancement.objects.filter(Q(background=part) | Q(result=part)).exists()
        or FaceResult.objects.filter(Q(crop=part) | Q(restored=part)).exists()
        or Reblend.objects.filter(replaced=part).exists()
    )
