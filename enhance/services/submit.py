"""Accepting one photo: judge the options, store the upload, plan, queue the job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.base import File

from accounts.models import User
from enhance.kind import KEY, params_for
from enhance.models import Enhancement
from enhance.options import EnhanceOptions
from enhance.plan import Plan
from enhance.policy import intake_warnings, stored_alpha, upload_policy, uploaded_format
from enhance.serializers import parse_options
from enhance.services.device import current_device, default_quality
from enhance.services.estimate import plan_enlargement
from project.images.inspection import Inspected
from project.images.intake import stored_upload
from project.images.models import ImageRecord
from project.images.records import delete_image
from project.jobs.models import Job
from project.jobs.submit import submit_job
from project.webhooks.callbacks import attach_callback, check_callback_url


@dataclass(frozen=True, kw_only=True)
class SubmittedEnhancement:
    """The enlargement, and whether this call created it (False: a repeated request)."""

    enhancement: Enhancement
    created: bool


def submit_enhancement(
    *,
    owner: User,
    upload: File[Any],
    options: Mapping[str, Any],
    idempotency_key: str | None = None,
    callback_url: str = "",
) -> SubmittedEnhancement:
    """Queue one enlargement; its end is sent to `callback_url`, if one is given.

    Raises ValidationError for wrong options, UploadRefused for the file, ServiceError for the
    plan, the key and the quota. Upload and job are one transaction: whatever is raised, and
    wherever the process is killed, both are kept or neither.
    """
    if callback_url:
        check_callback_url(callback_url)
    device = current_device()
    chosen = parse_options(options, default_quality=default_quality(device))
    with stored_upload(
        owner=owner,
        upload=upload,
        policy=upload_policy(chosen),
        judge=lambda announced: _refuse_early(announced, chosen, device),
    ) as record:
        source_format = uploaded_format(record)
        has_alpha = chosen.alpha == "model" and stored_alpha(record)
        plan = plan_enlargement(
            width=record.width,
            height=record.height,
            source_format=source_format,
            bit_depth=record.bit_depth,
            has_alpha=has_alpha,
            options=chosen,
            device=device,
        )
        submission = submit_job(
            owner=owner,
            kind=KEY,
            params=params_for(
                plan,
                chosen,
                source_format=source_format,
                bit_depth=record.bit_depth,
                has_alpha=has_alpha,
            ),
            idempotency_key=idempotency_key,
            digests=(record.sha256,),
            request=_as_asked(chosen, options, source_format, callback_url),
            attach=lambda job: _attach(job, record, chosen, plan, callback_url),
        )
        if not submission.created:
            delete_image(record)
    enhancement = Enhancement.objects.with_job().get(job=submission.job)
    return SubmittedEnhancement(enhancement=enhancement, created=submission.created)


def _refuse_early(announced: Inspected, options: EnhanceOptions, device: str) -> None:
    """What cannot be planned is refused before minutes of decoding, not after.

    Decoders that turn and crop by themselves may still make the picture smaller.
    """
    header = announced.header
    if header.may_turn:
        return
    plan_enlargement(
        width=header.width,
        height=header.height,
        source_format=announced.container.NAME,
        bit_depth=16 if announced.is_deep else 8,
        options=options,
        device=device,
    )


def _as_asked(
    chosen: EnhanceOptions, options: Mapping[str, Any], source_format: str, callback_url: str
) -> dict[str, Any]:
    """The request without what this server chose: the same request later, when a GPU has come
    or gone, is still the same."""
    quality = options.get("quality_level", "")
    asked = {**chosen.as_json(), "quality_level": str(quality), "source_format": source_format}
    return {**asked, "callback_url": callback_url} if callback_url else asked


def _attach(
    job: Job, record: ImageRecord, options: EnhanceOptions, plan: Plan, callback_url: str
) -> None:
    Enhancement.objects.create(
        id=job.pk,
        job=job,
        source=record,
        source_name=record.original_name,
        options=options.as_json(),
        plan=plan.as_json(),
        warnings=intake_warnings(record),
    )
    if callback_url:
        attach_callback(job=job, url=callback_url)
