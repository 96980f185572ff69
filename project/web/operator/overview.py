"""Everything that the operators' page shows, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from project.jobs.models import Worker
from project.web.operator.jobs import OperatorJobs, operator_jobs
from project.web.operator.orders import OrderView, newest_orders
from project.web.operator.workers import WorkerView, worker_view
from project.web.queue_overview import FailureCount, LaneOverview, lanes, recent_failures


@dataclass(frozen=True, kw_only=True)
class OperatorOverview:
    """One look at the whole; `at` is when."""

    at: datetime
    lanes: list[LaneOverview]
    workers: list[WorkerView]
    orders: list[OrderView]
    jobs: OperatorJobs
    failures: list[FailureCount]

    @property
    def queued(self) -> int:
        """Waiting jobs of all lanes."""
        return sum(lane.queued for lane in self.lanes)

    @property
    def running(self) -> int:
        """Running jobs of all lanes."""
        return sum(lane.running for lane in self.lanes)

    @property
    def failed(self) -> int:
        """Failures of the last day."""
        return sum(failure.number for failure in self.failures)

    @property
    def workers_ready(self) -> int:
        """Workers that take jobs."""
        return sum(worker.takes_jobs for worker in self.workers)


def operator_overview(*, now: datetime | None = None) -> OperatorOverview:
    """The page's only source."""
    now = now or timezone.now()
    workers = [worker_view(row, now=now) for row in Worker.objects.order_by("name")]
    taking = [view.worker for view in workers if view.takes_jobs]
    return OperatorOverview(
        at=now,
        lanes=lanes(workers=taking, now=now),
        workers=workers,
        orders=newest_orders(now=now),
        jobs=operator_jobs(now=now),
        failures=recent_failures(now=now),
    )
