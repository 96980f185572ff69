"""`manage.py jobs`: the table of jobs, newest first."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand

from project.jobs.models import Job

COLUMNS = ("id", "kind", "owner", "state", "done", "tries", "waited", "ran", "error")


class Command(BaseCommand):
    """Arguments and layout; reads only."""

    help = "Print the table of jobs, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many, and which state."""
        parser.add_argument("--limit", type=int, default=20, help="rows to print (default 20)")
        parser.add_argument("--state", choices=Job.State.values, help="only this state")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a job; times in seconds."""
        jobs = Job.objects.select_related("owner").order_by("-created_at", "-id")
        if options["state"]:
            jobs = jobs.filter(state=options["state"])
        rows = [COLUMNS, *(_cells(job) for job in jobs[: options["limit"]])]
        widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _cells(job: Job) -> tuple[str, ...]:
    return (
        str(job.pk),
        job.kind,
        job.owner.username,
        job.state,
        f"{job.progress:.0%}",
        f"{job.attempt}/{job.max_attempts}",
        _seconds(job.created_at, job.started_at),
        _seconds(job.started_at, job.finished_at),
        job.error_code or "-",
    )


def _seconds(start: datetime | None, end: datetime | None) -> str:
    return "-" if start is None or end is None else f"{(end - start).total_seconds():.1f}"
