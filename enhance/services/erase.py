"""Deleting an enlargement with everything that belongs to it."""

from __future__ import annotations

from django.db import transaction

from enhance.models import Enhancement
from enhance.services.parts import delete_unused, hold, parts_of
from project.images.models import ImageRecord
from project.images.records import delete_image
from project.jobs import groups
from project.jobs.cancel import cancel_job
from project.jobs.models import Job


def delete_enhancement(*, enhancement: Enhancement) -> None:
    """Cancel the job, then remove its rows and files; a picture that another one uses stays.

    A worker that still runs the job finds no row at its next checkpoint, stops, and leaves
    nothing but files that the sweep of orphans removes.
    """
    job = cancel_job(job=enhancement.job)
    with transaction.atomic():
        source, result = enhancement.source, enhancement.result
        parent = job.parent_id
        parts = parts_of(enhancement)
        Job.objects.filter(reblend__enhancement=enhancement).delete()
        job.delete()
        hold([source, result, *parts])
        delete_unused(parts)
        delete_unused([result] if result is not None else [])
        if source is not None and not Enhancement.objects.filter(source=source).exists():
            delete_image(source, even_in_use=True)
        if parent is not None:
            groups.forget_child(parent_id=parent)


def is_source_in_use(record: ImageRecord) -> bool:
    """Whether an enlargement that has not ended still has to read the picture."""
    unfinished = ("queued", "running")
    return Enhancement.objects.filter(source=record, job__state__in=unfinished).exists()
