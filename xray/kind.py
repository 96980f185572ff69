"""The job kinds of this room: `xray.study` analyses a film, `xray.report` writes another report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from project.errors import ServiceError
from project.jobs.kinds import Kind
from xray import face
from xray.choices import Correction, Language, Mode, StudyStatus

if TYPE_CHECKING:
    from project.jobs.models import Job

STUDY, REPORT = "xray.study", "xray.report"

STUDY_STAGES = {
    "receive": _("Reading the film"),
    "loading_model": _("Loading the network"),
    "gate": _("Checking that it is a chest X-ray"),
    "infer": _("Scoring"),
    "heatmap": _("Drawing the heat map"),
    "report": _("Writing the report"),
}
REPORT_STAGES = {
    "facts": _("Gathering the findings"),
    "draft": _("The language model writes"),
    "verify": _("Checking every sentence"),
    "report": _("Writing the report"),
}
STUDY_ERRORS = {
    "model_unavailable": _(
        "The weights of the network are missing on this server. An operator can see which with: manage.py xray_info --model_name resnet50"
    ),
    "invalid_input": _("The stored film cannot be read any more. Please upload it again."),
    "deadline_exceeded": _("The analysis took longer than this server allows. Please try again."),
    "cancelled": _("The analysis was cancelled."),
}
REPORT_ERRORS = {
    "study_gone": _("The study was deleted."),
    "deadline_exceeded": _("The report took longer than this server allows. Please try again."),
    "cancelled": _("The report was cancelled."),
}


class StudyParams(serializers.Serializer[dict[str, object]]):
    """What the job row keeps of one analysis."""

    model = serializers.CharField(max_length=80)
    correction = serializers.ChoiceField(
        choices=Correction.choices, allow_blank=True, default=Correction.NONE
    )


class ReportParams(serializers.Serializer[dict[str, object]]):
    """What the job row keeps of one further report."""

    study = serializers.UUIDField()
    mode = serializers.ChoiceField(choices=Mode.choices)
    language = serializers.ChoiceField(choices=Language.choices)
    replaces = serializers.CharField(
        max_length=64, required=False, help_text=_("Digest of the signed report to be replaced.")
    )


def resubmit(old: Job, new: Job) -> None:
    """A retry analyses the same stored film. Raises ServiceError `source_gone` (409)."""
    from xray.models import Study

    previous = Study.objects.get(job=old)
    if previous.film is None:
        raise ServiceError(
            gettext("The film has been deleted. Please upload it again."),
            code="source_gone",
            status=409,
        )
    again = Study.objects.get(job=old)
    again.pk = new.pk
    again.job = new
    again.status, again.refusal_code = StudyStatus.DEIDENTIFIED, ""
    again.gate, again.timings = {}, {}
    again.save(force_insert=True)


STUDY_KIND = Kind(
    key=STUDY,
    label=_("Analyse a chest X-ray"),
    params_serializer=StudyParams,
    handler="xray.handler:handle",
    stages=STUDY_STAGES,
    unit=_("step"),
    errors=STUDY_ERRORS,
    units=lambda params: 5,
    retryable=frozenset({"storage"}),
    # A film that took its worker along twice does not get a third one.
    max_attempts=2,
    result_url=lambda job: (
        reverse("xray_api:detail", args=[job.pk]) if job.state == "succeeded" else None
    ),
    resubmit=resubmit,
    service="xray",
    describe=face.describe_studies,
    title_contains=face.title_contains,
)
REPORT_KIND = Kind(
    key=REPORT,
    label=_("Write a report of a chest X-ray"),
    params_serializer=ReportParams,
    handler="xray.report_handler:handle",
    stages=REPORT_STAGES,
    unit=_("step"),
    errors=REPORT_ERRORS,
    units=lambda params: 3,
    retryable=frozenset({"storage"}),
    result_url=lambda job: (
        reverse("xray_api:detail", args=[job.params["study"]]) if job.state == "succeeded" else None
    ),
    service="xray",
    describe=face.describe_reports,
)
