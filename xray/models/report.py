"""Reports: every version is kept, a final one never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from project.jobs.models import Job
from xray.choices import Language, ReportMode, ReportState, ReviewAction

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class ReportQuerySet(models.QuerySet["Report"]):
    """Permission lives here."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Reports are for the owner of their study alone."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(study__job__owner=user)

    def current(self) -> Self:
        """Those that no later version replaced."""
        return self.exclude(state=ReportState.SUPERSEDED)


class Report(models.Model):
    """One version of one study's report. All exports are built from `envelope` alone."""

    study = models.ForeignKey(
        "xray.Study", models.CASCADE, verbose_name=_("study"), related_name="reports"
    )
    job = models.ForeignKey(
        Job,
        models.SET_NULL,
        null=True,
        verbose_name=_("job"),
        related_name="+",
        help_text=_("Which wrote it."),
    )
    number = models.PositiveSmallIntegerField(_("version"))
    mode = models.CharField(_("mode"), max_length=12, choices=ReportMode.choices)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices)
    state = models.CharField(
        _("state"), max_length=12, choices=ReportState.choices, default=ReportState.FINAL
    )
    envelope = models.JSONField(_("envelope"))
    digest = models.CharField(
        _("digest"), max_length=64, help_text=_("sha256 of the canonical envelope.")
    )
    file = models.CharField(
        _("file"), max_length=255, blank=True, help_text=_("Storage key of report.json.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ("study", "-number")
        constraints = [
            models.UniqueConstraint(fields=("study", "number"), name="xray_report_number")
        ]

    def __str__(self) -> str:
        return f"{self.study_id} v{self.number}"


class ReportReview(models.Model):
    """What a person made of a report: a signature under one digest."""

    report = models.ForeignKey(
        Report, models.CASCADE, verbose_name=_("report"), related_name="reviews"
    )
    action = models.CharField(_("action"), max_length=8, choices=ReviewAction.choices)
    comment = models.CharField(_("comment"), max_length=1000, blank=True)
    diff = models.JSONField(_("changes"), default=dict, blank=True)
    report_digest = models.CharField(_("digest of the report"), max_length=64)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        verbose_name=_("reviewer"),
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("report", "id")

    def __str__(self) -> str:
        return f"{self.report_id} {self.action}"
