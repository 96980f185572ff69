"""Accepting a job: validate, answer a repeated key, respect the quota, write the row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from project.errors import ServiceError
from project.jobs import groups, history, kinds, states
from project.jobs.dispatch import ring_after_commit
from project.jobs.field_errors import flatten
from project.jobs.models import Job, JobEvent

if TYPE_CHECKING:
    from accounts.models import User

KEY_LENGTH = Job._meta.get_field("idempotency_key").max_length or 0
QUEUE_RETRY_AFTER_SECONDS = 30
QUOTA_WINDOW = timedelta(hours=24)
QUOTA_RETRY_AFTER_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class KnownResult:
    """What is already there for a job that needs no run; these models once made it."""

    model_versions: Mapping[str, str]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """The job, and whether this call created it (False: the same request came before)."""

    job: Job
    created: bool


def submit_job(
    *,
    owner: User,
    kind: str,
    params: Mapping[str, Any],
    lane: str = Job.Lane.INTERACTIVE,
    priority: int = 0,
    parent: Job | None = None,
    retry_of: Job | None = None,
    idempotency_key: str | None = None,
    digests: Sequence[str] = (),
    request: Mapping[str, Any] | None = None,
    attach: Callable[[Job], None] | None = None,
    known: KnownResult | None = None,
    now: datetime | None = None,
) -> Submission:
    """Write one queued job and ring for it after the commit.

    `digests` are the sha256 of the uploads the request carried. `request` is what the client
    asked, in JSON types, when `params` also hold what the server chose: a repeated key is
    compared by it. `attach` writes the feature row in the same transaction. With a `known` result
    the job ends in that transaction, too: no worker ever sees it, and no quota counts it.
    Raises ServiceError: unknown_kind, invalid, idempotency_conflict (409), queue_limit (429),
    device_quota (429).
    """
    spec = _kind(kind)
    accepted = _validated(spec, params)
    key = _checked_key(idempotency_key)
    fingerprint = fingerprint_of(
        kind=kind, params=accepted if request is None else request, digests=digests
    )
    with transaction.atomic():
        if key and (earlier := _earlier(owner, key)):
            return _replay(earlier, fingerprint)
        if known is None:
            _check_queue(owner, lane)
            _check_device_time(owner, now or timezone.now())
        job = Job(
            owner=owner,
            kind=kind,
            lane=lane,
            priority=priority,
            params=accepted,
            parent=parent,
            retry_of=retry_of,
            idempotency_key=key,
            request_fingerprint=fingerprint,
            total_units=spec.units(accepted) if spec.units else 0,
            # Without attempts no worker claims it.
            max_attempts=spec.max_attempts if spec.handler and known is None else 0,
            seq=1,
        )
        try:
            with transaction.atomic():
                job.save(force_insert=True)
        except IntegrityError:
            # Lost the race for this key; the winner's row is committed and readable now.
            winner = _earlier(owner, key) if key else None
            if winner is None:
                raise
            return _replay(winner, fingerprint)
        if now is not None:
            Job.objects.filter(pk=job.pk).update(created_at=now, updated_at=now)
            job.created_at = job.updated_at = now
        if attach is not None:
            attach(job)
        history.record(job, event=JobEvent.Name.QUEUED)
        if known is not None:
            job = _end_at_once(job, known, now or timezone.now())
        elif spec.handler:
            ring_after_commit(job.pk)
    return Submission(job=job, created=True)


def _end_at_once(job: Job, known: KnownResult, now: datetime) -> Job:
    ended = states.move(
        job_id=job.pk,
        source=Job.State.QUEUED,
        target=Job.State.SUCCEEDED,
        changes={
            "progress": 1.0,
            "done_units": job.total_units,
            "model_versions": dict(known.model_versions),
        },
        data=known.data,
        now=now,
        group=True,
    )
    if ended is None:
        raise RuntimeError(f"job {job.pk} changed inside its own transaction")
    groups.settle_after_commit(ended)
    return ended


def fingerprint_of(*, kind: str, params: Mapping[str, Any], digests: Sequence[str]) -> str:
    """sha256 over kind, canonical parameters and upload digests, as 64 hex digits."""
    canonical = json.dumps(
        [kind, params, list(digests)], sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _kind(key: str) -> kinds.Kind:
    try:
        return kinds.get(key)
    except kinds.UnknownKind as error:
        known = [kind.key for kind in kinds.all_kinds()]
        raise ServiceError(
            _("There is no job kind %(kind)s.") % {"kind": key},
            code=error.code,
            extra={"kinds": known},
        ) from error


def _validated(spec: kinds.Kind, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as the kind's serializer reads them, in plain JSON types."""
    serializer = spec.params_serializer(data=dict(params))
    errors = {} if serializer.is_valid() else flatten(serializer.errors)
    for name in sorted(set(params) - set(serializer.fields)):
        errors[name] = [{"code": "unknown", "detail": _("This parameter does not exist.")}]
    if errors:
        raise ServiceError(_("Some parameters are not valid."), fields=errors)
    plain: dict[str, Any] = json.loads(json.dumps(serializer.validated_data, cls=DjangoJSONEncoder))
    return plain


def _checked_key(key: str | None) -> str | None:
    if key is None:
        return None
    if not 1 <= len(key) <= KEY_LENGTH or not key.isprintable():
        raise ServiceError(
            _("An idempotency key has 1 to %(length)d printable characters.")
            % {"length": KEY_LENGTH},
            code="invalid_idempotency_key",
        )
    return key


def _earlier(owner: User, key: str) -> Job | None:
    return Job.objects.filter(owner=owner, idempotency_key=key).first()


def _replay(job: Job, fingerprint: str) -> Submission:
    if job.request_fingerprint != fingerprint:
        raise ServiceError(
            _("This idempotency key was used for another request."),
            code="idempotency_conflict",
            status=409,
            extra={"job": str(job.pk)},
        )
    return Submission(job=job, created=False)


def _check_queue(owner: User, lane: str) -> None:
    limit = settings.QUEUE_LIMITS[lane]
    waiting = Job.objects.filter(owner=owner, lane=lane, state=Job.State.QUEUED)
    queued = waiting.filter(~states.GROUP).count()  # the parent of a batch is no work of its own
    if queued >= limit:
        raise ServiceError(
            _("You already have %(queued)d jobs waiting; the limit is %(limit)d.")
            % {"queued": queued, "limit": limit},
            code="queue_limit",
            status=429,
            extra={"limit": limit},
            retry_after_seconds=QUEUE_RETRY_AFTER_SECONDS,
        )


def _check_device_time(owner: User, now: datetime) -> None:
    """Running jobs count with what they have used so far; a deleted job no longer counts."""
    limit = owner.device_seconds_per_day
    if limit is None:
        return
    recent = Q(finished_at__gte=now - QUOTA_WINDOW) | Q(state=Job.State.RUNNING)
    used = Job.objects.filter(recent, owner=owner).aggregate(seconds=Sum("device_seconds"))
    if (used["seconds"] or 0.0) >= limit:
        raise ServiceError(
            _("Your jobs have used the %(limit)d seconds of device time that a day allows.")
            % {"limit": limit},
            code="device_quota",
            status=429,
            extra={"limit": limit},
            retry_after_seconds=QUOTA_RETRY_AFTER_SECONDS,
        )
