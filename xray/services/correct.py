"""Analyse a refused film again with the correction that its owner asks for."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from project.errors import ServiceError
from project.jobs.models import Job
from project.jobs.submit import submit_job
from xray.choices import StudyStatus
from xray.kind import STUDY
from xray.models import Study
from xray.services import audit
from xray.services.versions import active_version


def correct_study(
    *, study: Study, correction: str, actor: User, address: str | None = None
) -> Study:
    """A new study of the same stored film, turned or with light and dark exchanged; asked for
    twice it is the one that is there.

    Raises ServiceError: not_refused (409) unless the film was refused, source_gone (409),
    model_unavailable (503) and the queue's limits.
    """
    if study.status != StudyStatus.REFUSED:
        raise ServiceError(
            _("Only a refused film can be corrected."), code="not_refused", status=409
        )
    if study.film is None:
        raise ServiceError(
            _("The film has been deleted. Please upload it again."),
            code="source_gone",
            status=409,
        )
    version = active_version()

    def attach(job: Any) -> None:
        again = Study.objects.get(pk=study.pk)
        again.pk, again.job = job.pk, job
        again.status, again.refusal_code = StudyStatus.DEIDENTIFIED, ""
        again.correction, again.model_version = correction, version
        again.gate, again.timings = {}, {}
        # Of this correction alone; an earlier one is not applied on top.
        again.warnings = [code for code in again.warnings if not code.startswith("corrected_")]
        again.original_key = ""
        again.save(force_insert=True)
        audit.record(
            action="study.corrected",
            actor=actor,
            address=address,
            study=job.pk,
            object=f"study {study.pk}",
            details={"correction": correction},
        )

    with transaction.atomic():
        Study.objects.select_for_update(of=("self",)).get(pk=study.pk)
        known = (
            Study.objects.with_job()
            .filter(film=study.film, correction=correction, model_version=version)
            .exclude(job__state__in=(Job.State.FAILED, Job.State.CANCELLED))
            .first()
        )
        if known is not None:
            return known
        submission = submit_job(
            owner=study.job.owner,
            kind=STUDY,
            params={"model": version.host_name, "correction": correction},
            attach=attach,
        )
    return Study.objects.with_job().get(job=submission.job)
