"""What failed in a batch, once more: a new batch, because what has ended never changes."""

from __future__ import annotations

from enhance.batches import errors
from enhance.batches.models import EnhanceBatch, EnhanceBatchItem
from project.jobs.models import Job
from project.jobs.retry import retry_job

BADLY = (Job.State.FAILED, Job.State.CANCELLED)


def retry_batch(*, batch: EnhanceBatch) -> EnhanceBatch:
    """A new batch of the photos that failed or were cancelled and whose originals are stored.

    Raises ServiceError: not_retryable (409) while the batch has not ended, nothing_to_retry (409).
    """
    return EnhanceBatch.objects.select_related("job").get(job=retry_job(job=batch.job))


def retry_into(*, old: Job, new: Job) -> None:
    """Inside the transaction that made `new`: its items and their jobs."""
    earlier = EnhanceBatch.objects.get(job=old)
    again = [
        (item.name, item.enhancement.job)
        for item in earlier.items.select_related("enhancement__job")
        .filter(enhancement__job__state__in=BADLY, enhancement__source__isnull=False)
        .order_by("index")
        if item.enhancement is not None
    ]
    if not again:
        raise errors.nothing_to_retry()
    batch = EnhanceBatch.objects.create(
        id=new.pk, job=new, options=earlier.options, closed_at=new.created_at
    )
    new.params = {"photos": len(again)}
    new.total_units = len(again)
    new.save(update_fields=["params", "total_units"])
    for index, (name, failed) in enumerate(again):
        lane = Job.Lane.BATCH if index else Job.Lane.INTERACTIVE
        job = retry_job(job=failed, parent=new, lane=lane)
        EnhanceBatchItem.objects.create(batch=batch, index=index, name=name, enhancement_id=job.pk)
