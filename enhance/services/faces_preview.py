"""Which faces a picture has, before it is enlarged; what was uploaded for it lives for an hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.utils import timezone

from accounts.models import User
from enhance.faces.preview_kind import KEY
from enhance.models import FacesPreview
from enhance.policy import upload_policy
from enhance.serializers import parse_options
from enhance.services.device import current_device, default_quality
from project.images.intake import stored_upload
from project.images.models import ImageRecord
from project.jobs import states
from project.jobs.models import Job
from project.jobs.submit import submit_job

KEPT_FOR = timedelta(hours=1)
_ROUND = 500


def submit_faces_preview(
    *,
    owner: User,
    upload: File[Any],
    options: Mapping[str, Any],
    now: datetime | None = None,
) -> FacesPreview:
    """Queue the search for faces with the options of the run that is to follow.

    Raises ValidationError for wrong options, UploadRefused for the file, ServiceError for the
    quota; then nothing is kept.
    """
    chosen = parse_options(options, default_quality=default_quality(current_device()))
    expires_at = (now or timezone.now()) + KEPT_FOR
    with stored_upload(
        owner=owner, upload=upload, policy=upload_policy(chosen), expires_at=expires_at
    ) as record:
        job = submit_job(
            owner=owner,
            kind=KEY,
            params={**chosen.as_json(), "width": record.width, "height": record.height},
            attach=lambda job: _attach(job, record, expires_at),
        ).job
    return FacesPreview.objects.select_related("job", "source").get(job=job)


def expire_previews(now: datetime | None = None) -> int:
    """Delete the jobs of previews whose hour is over; their pictures expire by themselves."""
    due = FacesPreview.objects.filter(
        expires_at__lte=now or timezone.now(), job__state__in=states.TERMINAL
    )
    jobs = list(due.values_list("job_id", flat=True)[:_ROUND])
    Job.objects.filter(pk__in=jobs).delete()
    return len(jobs)


def is_preview_source(record: ImageRecord) -> bool:
    """Whether a preview that has not ended still has to read the picture."""
    return (
        FacesPreview.objects.filter(source=record).exclude(job__state__in=states.TERMINAL).exists()
    )


def _attach(job: Job, record: ImageRecord, expires_at: datetime) -> None:
    FacesPreview.objects.create(
        id=job.pk,
        job=job,
        source=record,
        source_name=record.original_name,
        expires_at=expires_at,
    )
