"""Delete a study with everything that belongs to it; the audit trail keeps that it was."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from project.images import storage
from project.images.models import ImageRecord
from project.images.records import delete_image
from project.jobs.cancel import cancel_job
from project.jobs.models import Job
from xray.models import Heatmap, Study
from xray.services import audit


def delete_study(*, study: Study, actor: User, address: str | None = None) -> None:
    """Cancel the job, then remove rows and files; a film that another study uses stays."""
    job = cancel_job(job=study.job)
    with transaction.atomic():
        film = study.film
        maps = [
            row.map for row in Heatmap.objects.filter(prediction__study=study).select_related("map")
        ]
        files = [key for key in study.reports.values_list("file", flat=True) if key]
        original = study.original_key
        Job.objects.filter(kind="xray.report", params__study=str(study.pk)).delete()
        job.delete()
        for record in maps:
            if record is not None:
                delete_image(record, even_in_use=True)
        if film is not None and not Study.objects.filter(film=film).exists():
            delete_image(film, even_in_use=True)
        if original and not Study.objects.filter(original_key=original).exists():
            files.append(original)  # a retry shares it
        for key in files:
            transaction.on_commit(lambda key=key: storage.delete(key), robust=True)  # type: ignore[misc]
        audit.record(
            action="study.erased",
            actor=actor,
            address=address,
            study=study.pk,
            before=film.sha256 if film else "",
        )


def is_film_in_use(record: ImageRecord) -> bool:
    """Whether a study that has not ended still has to read the picture."""
    unfinished = ("queued", "running")
    return Study.objects.filter(film=record, job__state__in=unfinished).exists()
