"""One film of one person, under a pseudonym, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from project.images.models import ImageRecord
from project.jobs.models import Job
from xray.choices import Correction, Language, Mode, StudyStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

INDICATION_LENGTH = 500
PATIENT_KEY_LENGTH = 200
"""Characters of what a sender calls the patient; no row holds it."""


class StudyQuerySet(models.QuerySet["Study"]):
    """Permission lives here: views and commands reach studies through `visible_to` only."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Studies are their owner's alone, whatever role the reader holds."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(job__owner=user)

    def with_job(self) -> Self:
        """With what a list or a page shows, in one query."""
        return self.select_related("job", "film", "model_version")


class Study(models.Model):
    """The feature row of one `xray.study` job; both share their id.

    `film` is the de-identified working copy: a grey PNG, 0 black, upright as it was sent. What
    a DICOM file said beyond the allow-list was never stored. `attributes` holds the kept part.
    """

    id = models.UUIDField(primary_key=True, editable=False, verbose_name=_("study"))
    job = models.OneToOneField(
        Job, models.CASCADE, verbose_name=_("job"), related_name="xray_study"
    )
    film = models.ForeignKey(
        ImageRecord,
        models.SET_NULL,
        null=True,
        verbose_name=_("film"),
        related_name="xray_studies",
        help_text=_("Retries and corrections share it."),
    )
    model_version = models.ForeignKey(
        "xray.ModelVersion",
        models.PROTECT,
        null=True,
        verbose_name=_("model version"),
        related_name="studies",
        help_text=_("Active when the study was sent."),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=StudyStatus.choices, default=StudyStatus.RECEIVED
    )
    refusal_code = models.CharField(_("refusal code"), max_length=40, blank=True)
    correction = models.CharField(
        _("correction"), max_length=12, choices=Correction.choices, blank=True, default=""
    )
    mode = models.CharField(_("mode"), max_length=12, choices=Mode.choices, default=Mode.STRUCTURED)
    language = models.CharField(
        _("language"), max_length=10, choices=Language.choices, default=Language.ENGLISH
    )
    indication = models.CharField(_("indication"), max_length=INDICATION_LENGTH, blank=True)
    patient_key = models.CharField(
        _("patient pseudonym"),
        max_length=32,
        blank=True,
        db_index=True,
        help_text=_("A keyed hash of what the sender calls the patient."),
    )
    prior = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, verbose_name=_("prior"), related_name="+"
    )
    age_band = models.CharField(_("age band"), max_length=10, blank=True)
    sex = models.CharField(_("sex"), max_length=1, blank=True)
    view = models.CharField(_("view"), max_length=8, blank=True, help_text=_("PA, AP or empty."))
    source_format = models.CharField(
        _("source format"), max_length=10, help_text=_("DICOM, PNG ...")
    )
    attributes = models.JSONField(
        _("attributes"), default=dict, blank=True, help_text=_("What was kept of a DICOM file.")
    )
    content_sha256 = models.CharField(
        _("content sha256"), max_length=64, help_text=_("Of the bytes that were sent.")
    )
    original_key = models.CharField(
        _("original"), max_length=255, blank=True, help_text=_("Encrypted; only if kept.")
    )
    warnings = models.JSONField(_("warnings"), default=list, blank=True, help_text=_("Codes."))
    gate = models.JSONField(
        _("gate"), default=dict, blank=True, help_text=_("Scores and measures of the gate.")
    )
    timings = models.JSONField(
        _("timings"), default=dict, blank=True, help_text=_("Seconds by stage.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name = _("study")
        verbose_name_plural = _("studies")
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("content_sha256",), name="xray_study_content"),
            models.Index(fields=("status", "-id"), name="xray_study_status"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("xray:detail", args=[self.pk])
