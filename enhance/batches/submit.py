"""Handing in a batch: the parent first, then photo by photo, each for itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from accounts.models import User
from enhance.batches import errors
from enhance.batches.kind import KEY
from enhance.batches.models import EnhanceBatch, EnhanceBatchItem
from enhance.handling import Handling
from enhance.models import Enhancement
from enhance.serializers import parse_options
from enhance.services.device import current_device, default_quality
from enhance.services.submit import Place, submit_enhancement
from project.errors import ServiceError
from project.images.names import sanitise_name
from project.jobs import groups
from project.jobs.field_errors import flatten
from project.jobs.models import Job
from project.jobs.submit import submit_job
from project.webhooks.callbacks import attach_callback, check_callback_url

# A client that is gone leaves its batch open; whoever still uploads sends more often than this.
IDLE = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class SubmittedBatch:
    """The batch, and whether this call created it (False: a repeated request)."""

    batch: EnhanceBatch
    created: bool


def submit_batch(
    *,
    owner: User,
    uploads: Sequence[File[Any]],
    options: Mapping[str, Any],
    overrides: Sequence[Mapping[str, Any]] = (),
    idempotency_key: str | None = None,
    callback_url: str = "",
    handling: Handling | None = None,
) -> SubmittedBatch:
    """Queue each photo before the next is read; a bad one becomes a refused item.

    `overrides` holds the own options of each photo, or is empty. A repeated request answers with
    the same batch, and goes on where an interrupted one stopped. Raises ValidationError for wrong
    common options and ServiceError for the batch as a whole; then nothing is stored.
    """
    if not uploads:
        raise errors.no_files()
    digests = [_sha256(upload) for upload in uploads] if idempotency_key else []
    opened = open_batch(
        owner=owner,
        photos=len(uploads),
        options=options,
        idempotency_key=idempotency_key,
        digests=digests,
        callback_url=callback_url,
        asked={"overrides": [dict(own) for own in overrides]},
    )
    if not opened.created and opened.batch.closed_at is not None:
        return opened
    own = overrides or [{}] * len(uploads)
    for index, (upload, changes) in enumerate(zip(uploads, own, strict=True)):
        place_photo(
            batch=opened.batch,
            upload=upload,
            options={**options, **changes},
            handling=handling,
            index=index,
        )
    return SubmittedBatch(batch=close_batch(batch=opened.batch), created=opened.created)


def place_photo(
    *,
    batch: EnhanceBatch,
    upload: File[Any],
    options: Mapping[str, Any],
    handling: Handling | None = None,
    index: int | None = None,
    count: Callable[[], None] = lambda: None,
) -> EnhanceBatchItem:
    """The item of one photo, queued or refused; `count` may refuse it, too. Raises BatchError."""
    try:
        count()
        return add_photo(
            batch=batch, upload=upload, options=options, handling=handling, index=index
        )
    except errors.BatchError:
        raise
    except (ValidationError, ServiceError) as error:
        return note_refusal(batch=batch, name=upload.name, error=error, index=index)


def open_batch(
    *,
    owner: User,
    photos: int,
    options: Mapping[str, Any],
    idempotency_key: str | None = None,
    digests: Sequence[str] = (),
    callback_url: str = "",
    asked: Mapping[str, Any] | None = None,
) -> SubmittedBatch:
    """A batch without photos yet; `photos` says how many will come. Its end is sent to
    `callback_url`, if one is given."""
    if callback_url:
        check_callback_url(callback_url)
    if photos > settings.ENHANCE_BATCH_FILES:
        raise errors.too_many_files(photos)
    parse_options(options, default_quality=default_quality(current_device()))
    submission = submit_job(
        owner=owner,
        kind=KEY,
        params={"photos": photos},
        lane=Job.Lane.BATCH,
        idempotency_key=idempotency_key,
        digests=digests,
        request={
            "photos": photos,
            "options": dict(options),
            "callback_url": callback_url,
            **(asked or {}),
        },
        attach=lambda job: _attach(job, options, callback_url),
    )
    batch = EnhanceBatch.objects.select_related("job").get(job=submission.job)
    return SubmittedBatch(batch=batch, created=submission.created)


def add_photo(
    *,
    batch: EnhanceBatch,
    upload: File[Any],
    options: Mapping[str, Any] | None = None,
    handling: Handling | None = None,
    index: int | None = None,
    idempotency_key: str | None = None,
) -> EnhanceBatchItem:
    """Queue one photo of the batch; `options` None means those of the batch.

    With an `index` that is taken already the item there is the answer. Raises what
    submit_enhancement raises, and BatchError: batch_closed (409), too_many_files (422),
    idempotency_conflict (409).
    """
    if index is not None and (there := batch.items.filter(index=index).first()):
        return there
    # The first picture is what somebody waits for; the others give way to whoever has one.
    is_first = not batch.items.exists()

    def attach(enhancement: Enhancement) -> None:
        _take_place(batch, index, name=enhancement.source_name, enhancement=enhancement)

    try:
        submitted = submit_enhancement(
            owner=batch.job.owner,
            upload=upload,
            options=batch.options if options is None else options,
            idempotency_key=idempotency_key,
            handling=handling,
            place=Place(
                lane=Job.Lane.INTERACTIVE if is_first else Job.Lane.BATCH,
                parent=batch.job,
                attach=attach,
            ),
        )
    except (IntegrityError, errors.BatchError):
        if there := _placed_meanwhile(batch, index):
            return there
        raise
    item = batch.items.filter(enhancement=submitted.enhancement).first()
    if item is None:  # the key was used before, for a photo outside this batch
        raise errors.key_of_another_photo()
    return item


def note_refusal(
    *,
    batch: EnhanceBatch,
    name: str | None,
    error: ValidationError | ServiceError,
    index: int | None = None,
) -> EnhanceBatchItem:
    """The item of a photo that was refused. Raises BatchError as add_photo does."""
    try:
        with transaction.atomic():
            item = _take_place(batch, index, name=sanitise_name(name), refusal=_told(error))
            groups.refuse_child(parent_id=batch.pk)
    except (IntegrityError, errors.BatchError):
        if there := _placed_meanwhile(batch, index):
            return there
        raise
    return item


def close_batch(*, batch: EnhanceBatch, now: datetime | None = None) -> EnhanceBatch:
    """No more photos will come; what is there is the batch. A closed one stays as it is.

    Raises BatchError batch_closed (409) when it was deleted meanwhile.
    """
    with transaction.atomic():
        closed = EnhanceBatch.objects.filter(pk=batch.pk, closed_at__isnull=True).update(
            closed_at=now or timezone.now()
        )
        if closed:
            groups.declare(parent_id=batch.pk, children=batch.items.count())
    found = EnhanceBatch.objects.select_related("job").filter(pk=batch.pk).first()
    if found is None:
        raise errors.closed()
    return found


def close_abandoned(*, now: datetime | None = None) -> int:
    """Close what nobody added to for a while; returns how many."""
    now = now or timezone.now()
    idle = EnhanceBatch.objects.filter(closed_at__isnull=True, touched_at__lt=now - IDLE)
    batches = list(idle.order_by("touched_at")[:200])
    for batch in batches:
        close_batch(batch=batch, now=now)
    return len(batches)


def _attach(job: Job, options: Mapping[str, Any], callback_url: str) -> None:
    EnhanceBatch.objects.create(id=job.pk, job=job, options=dict(options))
    if callback_url:
        attach_callback(job=job, url=callback_url)


def _take_place(
    batch: EnhanceBatch,
    index: int | None,
    *,
    name: str,
    enhancement: Enhancement | None = None,
    refusal: Mapping[str, str] | None = None,
) -> EnhanceBatchItem:
    """Inside a transaction; the parent's row orders those who add, close and cancel."""
    parent = Job.objects.select_for_update().filter(pk=batch.pk).first()
    now = timezone.now()
    still_open = EnhanceBatch.objects.filter(pk=batch.pk, closed_at__isnull=True)
    is_open = still_open.update(touched_at=now)
    was_stopped = parent is None or parent.is_terminal or parent.cancel_requested_at is not None
    if not is_open or was_stopped:
        raise errors.closed()
    if index is None:
        last = batch.items.aggregate(last=Max("index"))["last"]
        index = 0 if last is None else last + 1
        if index >= settings.ENHANCE_BATCH_FILES:
            raise errors.too_many_files(index + 1)
    return EnhanceBatchItem.objects.create(
        batch=batch, index=index, name=name, enhancement=enhancement, refusal=dict(refusal or {})
    )


def _placed_meanwhile(batch: EnhanceBatch, index: int | None) -> EnhanceBatchItem | None:
    """The same request, sent twice at the same time: the other one was faster here, and may have
    closed the batch since."""
    return None if index is None else batch.items.filter(index=index).first()


def _told(error: ValidationError | ServiceError) -> dict[str, str]:
    """What the owner of a single photo would have been told."""
    if isinstance(error, ServiceError):
        return {"code": error.code, "detail": str(error.detail)}
    texts = [
        f"{name}: {item['detail']}"
        for name, items in flatten(error.detail).items()
        for item in items
    ]
    # It may quote what was sent, and PostgreSQL keeps no NUL.
    return {"code": "invalid", "detail": " ".join(texts).replace("\x00", "")}


def _sha256(upload: File[Any]) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()
