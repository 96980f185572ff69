"""One enlargement: what went in, what was planned, what came out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from enhance.batches.models import EnhanceBatch, EnhanceBatchItem
from enhance.faces.models import FaceResult, FacesPreview, Reblend
from enhance.operator_model import EnhanceModel
from enhance.presets.models import Preset
from project.images.models import ImageRecord
from project.jobs.models import Job

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


__all__ = [
    "EnhanceBatch",
    "EnhanceBatchItem",
    "EnhanceModel",
    "Enhancement",
    "FaceRestoration",
    "FaceResult",
    "FacesPreview",
    "Preset",
    "Reblend",
]


class EnhancementQuerySet(models.QuerySet["Enhancement"]):
    """Permission lives here: views and commands reach enlargements through `visible_to` only."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Enlargements are their owner's alone, whatever role the reader holds."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(job__owner=user)

    def with_job(self) -> Self:
        """With everything that a list or a page shows, in one query."""
        return self.select_related("job", "source", "result")


class FaceRestoration(models.TextChoices):
    """What became of the faces of one picture, as a whole."""

    APPLIED = "applied", _("Faces were restored")
    NONE_FOUND = "none_found", _("No face was found")
    OFF = "off", _("Faces were left as they are")
    UNAVAILABLE = "unavailable", _("Faces could not be restored on this server")


class Enhancement(models.Model):
    """The feature row of one `enhance.photo` job; both share their id, the public task id.

    Blending the faces again makes a new `version`: `result` is the newest, each Reblend
    row keeps the one that it replaced. `background` is the picture without any restored face,
    kept only where there is one.

    It exists from the submit on; `result`, `marking`, `timings` and `warnings` are written
    together with the end of the job; until then `warnings` are those of the intake. Pictures may expire before it does: it then keeps its history alone.
    """

    id = models.UUIDField(primary_key=True, editable=False, verbose_name=_("task"))
    job = models.OneToOneField(
        Job, models.CASCADE, verbose_name=_("job"), related_name="enhancement"
    )
    source = models.ForeignKey(
        ImageRecord,
        models.SET_NULL,
        null=True,
        verbose_name=_("source"),
        related_name="enhancements",
        help_text=_("Retries share it."),
    )
    result = models.ForeignKey(
        ImageRecord,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("result"),
        related_name="enhancement_results",
        help_text=_("Answers from an earlier result share it."),
    )
    source_name = models.CharField(_("source name"), max_length=255, blank=True)
    options = models.JSONField(_("options"), help_text=_("As chosen."))
    plan = models.JSONField(_("plan"), help_text=_("Passes, tiles and cost as planned."))
    dtype = models.CharField(
        _("number format"), max_length=10, blank=True, help_text=_("What the network ran in.")
    )
    warnings = models.JSONField(_("warnings"), default=list, blank=True, help_text=_("Codes."))
    timings = models.JSONField(
        _("timings"), default=dict, blank=True, help_text=_("Seconds by stage.")
    )
    marking = models.JSONField(
        _("marking"), default=dict, blank=True, help_text=_("What the file says of its origin.")
    )
    request_digest = models.CharField(
        _("request digest"),
        max_length=64,
        blank=True,
        help_text=_("Of the uploaded bytes, the options and the installed networks."),
    )
    is_cached = models.BooleanField(
        _("answered from an earlier result"), default=False, help_text=_("No network ran.")
    )
    expires_at = models.DateTimeField(
        _("pictures expire"), null=True, blank=True, help_text=_("As the owner asked.")
    )
    face_restoration = models.CharField(
        _("face restoration"),
        max_length=12,
        choices=FaceRestoration.choices,
        default=FaceRestoration.OFF,
    )
    background = models.ForeignKey(
        ImageRecord,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("background"),
        related_name="enhancement_backgrounds",
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = EnhancementQuerySet.as_manager()

    class Meta:
        verbose_name = _("enlargement")
        verbose_name_plural = _("enlargements")
        ordering = ("-id",)
        indexes = [
            models.Index(
                fields=("request_digest",),
                name="enhancement_known",
                condition=~models.Q(request_digest=""),
            ),
        ]

    def __str__(self) -> str:
        # Operators see this; the name of the file is its owner's.
        return str(self.id)

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("enhance:detail", args=[self.pk])

    @property
    def is_downloadable(self) -> bool:
        """Whether the job succeeded and its picture still exists."""
        return self.result is not None
