"""What the queue pill shows before its script has heard anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, Subquery, Sum
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
    def open(self) -> int:
        """All of them."""
        return self.running + self.waiting

    @property
    def is_idle(self) -> bool:
        """Whether nothing is open."""
        return self.open == 0

    @property
    def history_url(self) -> str:
        """Where the pill leads without a script: the jobs that it counts."""
        state = "running" if self.running else "queued" if self.waiting else ""
        return reverse("web:history") + (f"?state={state}" if state else "")


def queue_counts(user: User | AnonymousUser) -> QueueCounts:
    """One query; the parent of a batch is no work of its own.

    What ended since the oldest open job came in counts as done: the ring never goes back while
    one job after the other ends.
    """
    own = Job.objects.visible_to(user).filter(~states.GROUP)
    is_open = Q(state__in=(Job.State.QUEUED, Job.State.RUNNING))
    oldest = own.filter(is_open).order_by("created_at").values("created_at")[:1]
    rows = (
        own.filter(is_open | Q(finished_at__gte=Subquery(oldest)))
        .order_by()
        .values_list("state")
        .annotate(jobs=Count("pk"), progress=Sum("progress"))
    )
    jobs = {state: (number, progress) for state, number, progress in rows}
    running, progress = jobs.pop(Job.State.RUNNING, (0, 0.0))
    waiting, _nothing = jobs.pop(Job.State.QUEUED, (0, 0.0))
    ended = sum(number for number, _progress in jobs.values())
    if not (running or waiting):
        return QueueCounts(running=0, waiting=0, percent=0)
    share = (progress + ended) / (running + waiting + ended)
    return QueueCounts(running=running, waiting=waiting, percent=int(100 * share))
