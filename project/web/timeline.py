"""What happened to a job, step by step, in words.

A run stores up to two events a second; a reader wants its stages. Consecutive events of one stage
become one step that tells how far the stage came and how long it took.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from project.jobs.codes import describe_error, describe_stage
from project.jobs.models import Job, JobEvent

NOTICEABLE_SECONDS = 0.5
_ICONS = {
    JobEvent.Name.QUEUED: "clock",
    JobEvent.Name.STARTED: "play",
    JobEvent.Name.REQUEUED: "rotate-ccw",
    JobEvent.Name.SUCCEEDED: "circle-check",
    JobEvent.Name.FAILED: "circle-alert",
    JobEvent.Name.CANCELLED: "ban",
}
_STAGE_ICON = "circle-dot"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One entry; `seconds` is the time until the next one, None for the newest."""

    name: str
    text: str
    detail: str
    at: datetime
    seconds: float | None = None
    stage: str = ""
    begun_at_unit: int = 0

    @property
    def is_noticeable(self) -> bool:
        """Whether the time until the next step is worth a number."""
        return self.seconds is not None and self.seconds >= NOTICEABLE_SECONDS

    @property
    def icon(self) -> str:
        """The drawing beside it."""
        return next((icon for name, icon in _ICONS.items() if name == self.name), _STAGE_ICON)


def timeline(job: Job, events: Iterable[JobEvent]) -> list[Step]:
    """The steps of `job`, oldest first; `events` are its own, in the order of their numbers."""
    steps: list[Step] = []
    for event in events:
        last = steps[-1] if steps else None
        if last and last.stage and event.data.get("stage") == last.stage:
            steps[-1] = replace(last, detail=_share(event, since=last.begun_at_unit))
            continue
        if last:
            steps[-1] = replace(last, seconds=(event.at - last.at).total_seconds())
        steps.append(_step(job, event))
    return steps


def _step(job: Job, event: JobEvent) -> Step:
    stage = str(event.data.get("stage", ""))
    if stage:
        text = describe_stage(Job(kind=job.kind, stage=stage))
        begun = int(event.data.get("done", 0))
        return Step(
            name=event.name, text=text, detail="", at=event.at, stage=stage, begun_at_unit=begun
        )
    code = event.data.get("code") or event.data.get("reason") or ""
    reason = describe_error(Job(kind=job.kind, error_code=code))
    return Step(name=event.name, text=event.get_name_display(), detail=reason, at=event.at)


def _share(event: JobEvent, *, since: int) -> str:
    """ "3 of 12"; nothing for a stage in which nothing was counted."""
    done, total = event.data.get("done", 0), event.data.get("total", 0)
    if done <= since:
        return ""
    return _("%(done)s of %(total)s") % {"done": done, "total": total}
