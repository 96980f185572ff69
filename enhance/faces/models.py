"""Rows about faces: those of a result, blending them again, the preview before a run.

Django finds them through `enhance.models`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from project.images.models import ImageRecord
from project.jobs.models import Job

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class FaceResult(models.Model):
    """One face that was found in the source of an enlargement, written with the end of its job.

    `box` is left, top, width, height and `points` are eyes, nose and mouth corners (left before
    right as seen), both in pixels of the source. `crop` is the face as it was, `restored` the
    network's answer with its mask as transparency, both 512 x 512; they may expire before the row.
    """

    class Status(models.TextChoices):
        RESTORED = "restored", _("Restored")
        SKIPPED = "skipped", _("Left as it is")
        FAILED = "failed", _("Failed, left as it is")
        UNAVAILABLE = "unavailable", _("Not available on this server")

    enhancement = models.ForeignKey(
        "enhance.Enhancement",
        models.CASCADE,
        verbose_name=_("enlargement"),
        related_name="face_results",
    )
    index = models.PositiveSmallIntegerField(_("number"))
    box = models.JSONField(_("box"))
    points = models.JSONField(_("points"))
    score = models.FloatField(_("score"), help_text=_("0 to 1, of the detector."))
    enabled = models.BooleanField(_("enabled"), help_text=_("Whether the result shows it."))
    fidelity = models.FloatField(_("strength"), help_text=_("0 to 1."))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    reason = models.CharField(_("reason"), max_length=32, blank=True, help_text=_("Code."))
    crop = models.ForeignKey(
        ImageRecord,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("crop"),
        related_name="face_crops",
        help_text=_("Answers from an earlier result share it."),
    )
    restored = models.ForeignKey(
        ImageRecord,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("restored crop"),
        related_name="faces_restored",
        help_text=_("Answers from an earlier result share it."),
    )

    class Meta:
        verbose_name = _("face")
        verbose_name_plural = _("faces")
        ordering = ("enhancement", "index")
        constraints = [
            models.UniqueConstraint(fields=("enhancement", "index"), name="enhance_face_once")
        ]

    def __str__(self) -> str:
        return f"{self.enhancement_id} {self.index}"


class Reblend(models.Model):
    """The feature row of one `enhance.reblend` job: other faces, no network.

    `faces` is what was asked for. The rest is written with the end of the job: the `version` that
    it made, and the result that it replaced with what that one showed.
    """

    id = models.UUIDField(primary_key=True, editable=False, verbose_name=_("task"))
    job = models.OneToOneField(Job, models.CASCADE, verbose_name=_("job"), related_name="reblend")
    enhancement = models.ForeignKey(
        "enhance.Enhancement",
        models.CASCADE,
        verbose_name=_("enlargement"),
        related_name="reblends",
    )
    faces = models.JSONField(_("faces"), help_text=_("Index, enabled and strength of each."))
    version = models.PositiveSmallIntegerField(_("version"), null=True, blank=True)
    replaced = models.ForeignKey(
        ImageRecord,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("replaced result"),
        related_name="reblends_replaced",
    )
    replaced_faces = models.JSONField(_("replaced faces"), default=list, blank=True)
    replaced_marking = models.JSONField(_("replaced marking"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("blend")
        verbose_name_plural = _("blends")
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.id)


class FacesPreviewQuerySet(models.QuerySet["FacesPreview"]):
    """Permission lives here, as in EnhancementQuerySet."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Previews are their owner's alone."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(job__owner=user)


class FacesPreview(models.Model):
    """The feature row of one `enhance.faces_preview` job: faces of a picture before its run.

    It lives for an hour, as its pictures do. `faces` is written with the end of the job; each
    has index, box, points, score, chosen and the id of its thumbnail.
    """

    id = models.UUIDField(primary_key=True, editable=False, verbose_name=_("task"))
    job = models.OneToOneField(
        Job, models.CASCADE, verbose_name=_("job"), related_name="faces_preview"
    )
    source = models.OneToOneField(
        ImageRecord,
        models.SET_NULL,
        null=True,
        verbose_name=_("source"),
        related_name="faces_preview",
    )
    source_name = models.CharField(_("source name"), max_length=255, blank=True)
    faces = models.JSONField(_("faces"), default=list, blank=True)
    warnings = models.JSONField(_("warnings"), default=list, blank=True, help_text=_("Codes."))
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = FacesPreviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("faces preview")
        verbose_name_plural = _("faces previews")
        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.id)
