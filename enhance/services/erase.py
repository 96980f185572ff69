"""Deleting an enlargement with everything that belongs to it."""

from __future__ import annotations

from django.db import transaction

from enhance.models import Enhancement
from project.images.models import ImageRecord
from project.images.records import delete_image
from project.jobs.cancel import cancel_job


def delete_enhancement(*, enhancement: Enhancement) -> None:
    """Cancel the job, then remove its rows and files; an original that a retry uses stays.

    A worker that still runs the job finds no row at its next checkpoint, stops, and leaves
    nothing but files that the sweep of orphans removes.
    """
    job = cancel_job(job=enhancement.job)
    with transaction.atomic():
        source, result = enhancement.source, enhancement.result
        job.delete()
        if result is not None:
            delete_image(result, even_in_use=True)
        if source is not None and not Enhancement.objects.filter(source=source).exists():
            delete_image(source, even_in_use=True)


def is_source_in_use(record: ImageRecord) -> bool:
    """Whether an enlargement that has not ended still has to read the picture."""
    unfinished = ("queued", "running")
    return Enhancement.objects.filter(source=record, job__state__in=unfinished).exists()
