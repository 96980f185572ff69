"""The outbox: a job's end and its delivery row are one transaction, so neither can be lost."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import timezone

from project.jobs.api.payload import timestamp
from project.jobs.models import Job
from project.outbound.policy import OutboundPolicy
from project.webhooks.dispatch import ring_after_commit
from project.webhooks.models import Callback, Delivery

# The address was judged when it was attached, and is judged again when it is called; here it
# is only taken apart, also when the operator's lists have changed since.
_ANY = OutboundPolicy(schemes=frozenset({"http", "https"}), any_address=True)


def record_ending(job: Job) -> None:
    """Write what is to be sent about `job`, if somebody asked for it. Runs inside the
    transaction that ends the job; a job is told about once."""
    callback = Callback.objects.filter(job=job).first()
    if callback is None:
        return
    ended_at = job.finished_at or timezone.now()
    Delivery.objects.get_or_create(
        job=job,
        defaults={
            "owner_id": job.owner_id,
            "url": callback.url,
            "origin": _ANY.check(callback.url).origin,
            "type": f"job.{job.state}",
            "data": _data(job),
            "attempts_left": settings.WEBHOOK_ATTEMPTS,
            "next_attempt_at": ended_at,
            "created_at": ended_at,
        },
    )
    ring_after_commit()


def _data(job: Job) -> dict[str, Any]:
    return {
        "job": str(job.pk),
        "kind": job.kind,
        "parent": str(job.parent_id) if job.parent_id else None,
        "state": str(job.state),
        "error_code": job.error_code or None,
        "created_at": timestamp(job.created_at),
        "finished_at": timestamp(job.finished_at) if job.finished_at else None,
    }
