"""What the queue pill shows before its script has heard anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Sum
from django.urls import reverse

from project.jobs import states
from project.jobs.models import Job

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


@dataclass(frozen=True, kw_only=True)
class QueueCounts:
    """Open jobs of one person; `percent` is how far they are all together."""

    running: int
    waiting: int
    percent: int

    @property
    def is_idle(self) -> bool:
        """Whether nothing is open."""
        return not (self.running or self.waiting)

    @property
    def history_url(self) -> str:
        """Where the pill leads without a script: the jobs that it counts."""
        state = "running" if self.running else "queued" if self.waiting else ""
        return reverse("web:history") + (f"?state={state}" if state else "")


def queue_counts(user: User | AnonymousUser) -> QueueCounts:
    """One query; the parent of a batch is no work of its own."""
    rows = (
        Job.objects.visible_to(user)
        .filter(~states.GROUP, state__in=(Job.State.QUEUED, Job.State.RUNNING))
        .order_by()
        .values_list("state")
        .annotate(jobs=Count("pk"), progress=Sum("progress"))
    )
    found = {state: (jobs, progress) for state, jobs, progress in rows}
    running, waiting = (found.get(s, (0, 0.0))[0] for s in (Job.State.RUNNING, Job.State.QUEUED))
    done = sum(progress for _jobs, progress in found.values())
    total = running + waiting
    return QueueCounts(
        running=running, waiting=waiting, percent=int(100 * done / total) if total else 0
    )
