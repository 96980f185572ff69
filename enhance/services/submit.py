"""Accepting one photo: judge the options, store the upload, plan, queue the job.

A photo that its owner had enlarged before in the same way is answered with that result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from enhance.faces.keep import copy_faces
from enhance.handling import Handling
from enhance.kind import KEY, params_for
from enhance.models import Enhancement
from enhance.options import EnhanceOptions
from enhance.policy import intake_warnings, stored_alpha, upload_policy, uploaded_format
from enhance.serializers import parse_options
from enhance.services.device import current_device, default_quality
from enhance.services.estimate import plan_enlargement
from enhance.services.known import earlier_result, keep_longer, request_digest
from enhance.services.parts import parts_of
from project.images.inspection import Inspected
from project.images.intake import stored_upload
from project.images.models import ImageRecord
from project.images.names import sanitise_name
from project.images.records import default_expiry, delete_image
from project.jobs.models import Job
from project.jobs.submit import KnownResult, Submission, submit_job
from project.webhooks.callbacks import attach_callback, check_callback_url


@dataclass(frozen=True, kw_only=True)
class SubmittedEnhancement:
    """The enlargement, and whether this call created it (False: a repeated request)."""

    enhancement: Enhancement
    created: bool


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the job stands among others. `attach` is called in its transaction."""

    lane: str = Job.Lane.INTERACTIVE
    parent: Job | None = None
    attach: Callable[[Enhancement], None] | None = None


def submit_enhancement(
    *,
    owner: User,
    upload: File[Any],
    options: Mapping[str, Any],
    idempotency_key: str | None = None,
    callback_url: str = "",
    handling: Handling | None = None,
    place: Place | None = None,
    now: datetime | None = None,
) -> SubmittedEnhancement:
    """Queue one enlargement, or answer it with an equal earlier result; its end is sent to
    `callback_url`, if one is given.

    Raises ValidationError for wrong options, UploadRefused for the file, ServiceError for the
    plan, the key and the quota. Upload and job are one transaction: whatever is raised, and
    wherever the process is killed, both are kept or neither.
    """
    if callback_url:
        check_callback_url(callback_url)
    device = current_device()
    chosen = parse_options(options, default_quality=default_quality(device))
    handling = handling or Handling()
    digest = request_digest(upload=upload, options=chosen, device=device)
    asked = _Asked(
        owner=owner,
        upload=upload,
        options=options,
        chosen=chosen,
        key=idempotency_key,
        place=place or Place(),
        callback_url=callback_url,
        digest=digest,
        expires_at=handling.expires_at(now or timezone.now()),
    )
    submission = (_answer_at_once(asked) if handling.use_cache else None) or _queue(asked, device)
    enhancement = Enhancement.objects.with_job().get(job=submission.job)
    return SubmittedEnhancement(enhancement=enhancement, created=submission.created)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """One request as it travels through this module."""

    owner: User
    upload: File[Any]
    options: Mapping[str, Any]
    chosen: EnhanceOptions
    key: str | None
    place: Place
    callback_url: str
    digest: str
    expires_at: datetime | None


def _queue(asked: _Asked, device: str) -> Submission:
    with stored_upload(
        owner=asked.owner,
        upload=asked.upload,
        policy=upload_policy(asked.chosen),
        judge=lambda announced: _refuse_early(announced, asked.chosen, device),
        expires_at=asked.expires_at,
    ) as record:
        source_format = uploaded_format(record)
        has_alpha = asked.chosen.alpha == "model" and stored_alpha(record)
        plan = plan_enlargement(
            width=record.width,
            height=record.height,
            source_format=source_format,
            bit_depth=record.bit_depth,
            has_alpha=has_alpha,
            options=asked.chosen,
            device=device,
        )
        params = params_for(
            plan,
            asked.chosen,
            source_format=source_format,
            bit_depth=record.bit_depth,
            has_alpha=has_alpha,
        )
        submission = _submit(
            asked,
            record,
            params=params,
            row=lambda job: Enhancement(
                id=job.pk,
                job=job,
                source=record,
                source_name=record.original_name,
                options=asked.chosen.as_json(),
                plan=plan.as_json(),
                warnings=intake_warnings(record),
                request_digest=asked.digest,
                expires_at=asked.expires_at,
            ),
        )
        if not submission.created:
            delete_image(record)
    return submission


def _answer_at_once(asked: _Asked) -> Submission | None:
    """A task that is completed from the start; None without an equal earlier result."""
    with transaction.atomic():
        earlier = earlier_result(owner=asked.owner, digest=asked.digest)
        if earlier is None or earlier.source is None or earlier.result is None:
            return None
        result = earlier.result
        submission = _submit(
            asked,
            earlier.source,
            params=earlier.job.params,
            row=lambda job: Enhancement(
                id=job.pk,
                job=job,
                source=earlier.source,
                result=result,
                source_name=sanitise_name(asked.upload.name),
                options=asked.chosen.as_json(),
                plan=earlier.plan,
                dtype=earlier.dtype,
                marking=earlier.marking,
                warnings=earlier.warnings,
                request_digest=asked.digest,
                is_cached=True,
                expires_at=asked.expires_at,
            ),
            known=KnownResult(
                model_versions=earlier.job.model_versions,
                data={"width": result.width, "height": result.height},
            ),
        )
        if submission.created:
            target = Enhancement.objects.get(job=submission.job)
            copy_faces(source=earlier, target=target)
            for record in (earlier.source, result, *parts_of(target)):
                keep_longer(record, expires_at=asked.expires_at or default_expiry())
    return submission


def _submit(
    asked: _Asked,
    source: ImageRecord,
    *,
    params: Mapping[str, Any],
    row: Callable[[Job], Enhancement],
    known: KnownResult | None = None,
) -> Submission:
    def attach(job: Job) -> None:
        enhancement = row(job)
        enhancement.save(force_insert=True)
        if asked.place.attach is not None:
            asked.place.attach(enhancement)
        if asked.callback_url:
            attach_callback(job=job, url=asked.callback_url)

    return submit_job(
        owner=asked.owner,
        kind=KEY,
        params=params,
        lane=asked.place.lane,
        parent=asked.place.parent,
        idempotency_key=asked.key,
        digests=(source.sha256,),
        request=_as_asked(asked, params["source_format"]),
        attach=attach,
        known=known,
    )


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


def _as_asked(asked: _Asked, source_format: str) -> dict[str, Any]:
    """The request without what this server chose: the same request later, when a GPU has come
    or gone, is still the same."""
    quality = str(asked.options.get("quality_level", ""))
    told = {**asked.chosen.as_json(), "quality_level": quality, "source_format": source_format}
    return {**told, "callback_url": asked.callback_url} if asked.callback_url else told
