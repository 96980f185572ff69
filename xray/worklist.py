"""The worklist: a person's studies with their main finding, narrowed and ordered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from project.jobs.models import Job
from xray.choices import StudyStatus
from xray.labels import PNEUMONIA
from xray.models import Prediction, Study

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

AT_WORK = (Job.State.QUEUED, Job.State.RUNNING)
# A job that failed leaves its study where it stood, so the job is asked for these.
STANDINGS: Mapping[str, Q] = {
    "working": Q(job__state__in=AT_WORK),
    "reported": Q(status=StudyStatus.REPORTED),
    "refused": Q(status=StudyStatus.REFUSED),
    "failed": Q(job__state=Job.State.FAILED),
    "cancelled": Q(job__state=Job.State.CANCELLED),
}
ORDERINGS: Mapping[str, tuple[Any, ...]] = {
    "-created": ("-id",),
    "created": ("id",),
    "-probability": (F("probability").desc(nulls_last=True), "-id"),
    "probability": (F("probability").asc(nulls_last=True), "-id"),
}


def worklist(
    *,
    user: User | AnonymousUser,
    q: str = "",
    status: str = "",
    min_prob: float | None = None,
    since: date | None = None,
    until: date | None = None,
    ordering: str = "-created",
    label: str = PNEUMONIA.key,
) -> QuerySet[Study]:
    """Studies of `user`, each with `probability`, `operating_point` and `band` of `label`.

    The three are None for a study without findings, a refused one among them. `q` is a part of
    the pseudonym or of the id, `status` a key of STANDINGS or a StudyStatus, `min_prob` 0 to 1;
    the days are those of the current time zone, both included. Raises KeyError for an ordering
    that is not in ORDERINGS.
    """
    found = Prediction.objects.filter(
        study=OuterRef("pk"), label=label, model_version=OuterRef("model_version")
    )
    studies = (
        Study.objects.visible_to(user)
        .with_job()
        .annotate(
            probability=Subquery(found.values("probability")[:1]),
            operating_point=Subquery(found.values("operating_point")[:1]),
            band=Subquery(found.values("band")[:1]),
        )
    )
    if q:
        studies = studies.filter(Q(patient_key__icontains=q) | Q(id__icontains=q))
    if status:
        studies = studies.filter(STANDINGS.get(status, Q(status=status)))
    if min_prob is not None:
        studies = studies.filter(probability__gte=min_prob)
    if since is not None:
        studies = studies.filter(created_at__gte=_start_of(since))
    if until is not None:
        studies = studies.filter(created_at__lt=_start_of(until + timedelta(days=1)))
    return studies.order_by(*ORDERINGS[ordering])


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
