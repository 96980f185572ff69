"""The parent row of a batch: it counts its children and ends when they have all ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from project.jobs import history, states
from project.jobs.models import Job, JobEvent

SOME_FAILED = "some_failed"
# In the parameters of a parent: children that were refused before they became a job.
REFUSED = "refused"


def settle_after_commit(job: Job) -> None:
    """When `job` has ended and belongs to a batch, bring its parent up to date."""
    parent = job.parent_id
    if parent is not None and job.is_terminal:
        transaction.on_commit(lambda: settle(parent_id=parent), robust=True)


def settle(*, parent_id: UUID, now: datetime | None = None) -> Job | None:
    """Count ended children; end the parent when as many have ended as it declared.

    SUCCEEDED if all succeeded, FAILED `some_failed` if one failed or was refused, else CANCELLED;
    a parent that was to be cancelled ends CANCELLED with the children it has.
    None when the parent has ended already.
    """
    now = now or timezone.now()
    ended = Q(state__in=states.TERMINAL)
    with transaction.atomic():
        # The parent's row orders concurrent settlers, so that the counts never go back.
        parent = _locked(parent_id)
        if parent is None:
            return None
        count = Job.objects.filter(parent_id=parent_id).aggregate(
            all=Count("pk"),
            ended=Count("pk", filter=ended),
            failed=Count("pk", filter=Q(state=Job.State.FAILED)),
            cancelled=Count("pk", filter=Q(state=Job.State.CANCELLED)),
        )
        refused = int(parent.params.get(REFUSED, 0))
        present, over = count["all"] + refused, count["ended"] + refused
        stopping = parent.cancel_requested_at is not None
        total = present if stopping else max(present, parent.total_units)
        if total == 0 and not stopping:
            return None
        if over < total:
            return history.append(
                Job.objects.filter(states.GROUP, state=Job.State.QUEUED),
                job_id=parent_id,
                event=JobEvent.Name.PROGRESS,
                changes={
                    "done_units": over,
                    "total_units": total,
                    "progress": over / total,
                },
                now=now,
            )
        changes = {"done_units": total, "total_units": total, "progress": 1.0}
        if stopping:
            target, code = Job.State.CANCELLED, "cancelled"
        elif count["failed"] or refused:
            target, code = Job.State.FAILED, SOME_FAILED
        elif count["cancelled"]:
            target, code = Job.State.CANCELLED, "cancelled"
        else:
            target, code = Job.State.SUCCEEDED, ""
        return states.move(
            job_id=parent_id,
            source=Job.State.QUEUED,
            target=target,
            changes={**changes, "error_code": code},
            now=now,
            group=True,
        )


def refuse_child(*, parent_id: UUID) -> Job | None:
    """One declared child will never be a job; it counts as ended and failed."""
    with transaction.atomic():
        parent = _locked(parent_id)
        if parent is None:
            return None
        parent.params = {**parent.params, REFUSED: int(parent.params.get(REFUSED, 0)) + 1}
        parent.save(update_fields=["params"])
        return settle(parent_id=parent_id)


def forget_child(*, parent_id: UUID) -> Job | None:
    """A child was deleted: one less is to be waited for. None when the parent has ended."""
    with transaction.atomic():
        parent = _locked(parent_id)
        if parent is None:
            return None
        return declare(parent_id=parent_id, children=max(0, parent.total_units - 1))


def declare(*, parent_id: UUID, children: int) -> Job | None:
    """As many children belong to this parent, refused ones among them, and no more will come.

    A parent without any ends CANCELLED: nobody will ever add one. None when it has ended.
    """
    with transaction.atomic():
        parent = _locked(parent_id)
        if parent is None:
            return None
        Job.objects.filter(pk=parent_id).update(total_units=children)
        if children:
            return settle(parent_id=parent_id)
        return states.move(
            job_id=parent_id,
            source=Job.State.QUEUED,
            target=Job.State.CANCELLED,
            changes={"error_code": "cancelled"},
            now=timezone.now(),
            group=True,
        )


def _locked(parent_id: UUID) -> Job | None:
    return (
        Job.objects.select_for_update()
        .filter(states.GROUP, pk=parent_id, state=Job.State.QUEUED)
        .first()
    )
