"""A batch as its owner sees it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enhance.api.payload import enhancement_payloads
from enhance.batches.models import EnhanceBatch, EnhanceBatchItem
from enhance.batches.state import BatchStanding, BatchState, standing_of
from project.jobs.api.payload import timestamp

ITEM_FIELDS = (
    "task_id", "status", "message", "progress", "stage", "done", "total", "position",
    "eta_seconds", "error", "cached", "warnings", "result",
)  # fmt: skip


def batch_payload(batch: EnhanceBatch) -> dict[str, Any]:
    """State, counts, progress and every item; the number of queries does not grow with them."""
    standing = standing_of(batch)
    rows = [item.enhancement for item in standing.items if item.enhancement is not None]
    tasks = {task["task_id"]: task for task in enhancement_payloads(rows)}
    waits = [task["eta_seconds"] for task in tasks.values() if task["eta_seconds"] is not None]
    finished_at = batch.job.finished_at
    return {
        "batch_task_id": str(batch.pk),
        "status": standing.state.value,
        "message": _message(standing),
        "progress": standing.progress,
        "total": standing.total,
        "completed": standing.completed,
        "failed": standing.failed,
        "cancelled": standing.cancelled,
        "processing": standing.running,
        "queued": standing.queued,
        "is_open": batch.closed_at is None,
        "eta_seconds": max(waits) if waits and not standing.has_ended else None,
        "created_at": timestamp(batch.created_at),
        "finished_at": timestamp(finished_at) if finished_at else None,
        "options": batch.options,
        "task_ids": list(tasks),
        "items": [_item(item, tasks) for item in standing.items],
        "download_url": reverse("enhance_api:batch_download", args=[batch.pk])
        if standing.completed
        else None,
    }


def _item(item: EnhanceBatchItem, tasks: dict[str, dict[str, Any]]) -> dict[str, Any]:
    head: dict[str, Any] = {"index": item.index, "name": item.name}
    task = tasks.get(str(item.enhancement_id))
    if task is not None:
        return {**head, **{name: task[name] for name in ITEM_FIELDS}}
    empty: dict[str, Any] = dict.fromkeys(ITEM_FIELDS)
    return {
        **head,
        **empty,
        "status": "failed",
        "message": item.refusal["detail"],
        "progress": 0.0,
        "stage": "",
        "done": 0,
        "total": 0,
        "error": item.refusal,
        "cached": False,
        "warnings": [],
    }


def _message(standing: BatchStanding) -> str:
    done, total = standing.completed, standing.total
    match standing.state:
        case BatchState.QUEUED:
            return ngettext("%(count)s photo is queued.", "%(count)s photos are queued.", total) % {
                "count": total
            }
        case BatchState.COMPLETED:
            return _("All photos are finished.")
        case BatchState.FAILED:
            return _("No photo could be enlarged.")
        case BatchState.CANCELLED:
            return _("The batch was cancelled.")
        case _:
            return _("%(done)s of %(total)s photos are finished.") % {"done": done, "total": total}
