"""Deleting a batch with everything that belongs to it."""

from __future__ import annotations

from enhance.batches.models import EnhanceBatch
from enhance.batches.submit import close_batch
from enhance.services.erase import delete_enhancement
from project.jobs.cancel import cancel_job


def delete_batch(*, batch: EnhanceBatch) -> None:
    """Stop it, then remove its rows and files; a picture that another task uses stays."""
    close_batch(batch=batch)
    parent = cancel_job(job=batch.job)
    for item in batch.items.select_related(
        "enhancement__job", "enhancement__source", "enhancement__result"
    ):
        if item.enhancement is not None:
            delete_enhancement(enhancement=item.enhancement)
    parent.delete()
