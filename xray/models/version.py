"""A classifier that may serve: its file, how it is to be read, and how good it was."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from xray.choices import PointName, VersionStatus


class ModelVersion(models.Model):
    """One set of weights. At most one is active; its metrics never change.

    `calibration` holds temperature, operating points and bands by label; `metrics` every figure
    with its interval, as `xray_eval --json` prints them.
    """

    name = models.CharField(_("name"), max_length=60, default="cxr-resnet50")
    version = models.CharField(_("version"), max_length=40)
    architecture = models.CharField(_("architecture"), max_length=40)
    file = models.CharField(
        _("file"),
        max_length=255,
        help_text=_("Storage key, or the name of a file that came with the product."),
    )
    is_shipped = models.BooleanField(_("came with the product"), default=False)
    sha256 = models.CharField(_("sha256"), max_length=64, unique=True)
    px = models.PositiveSmallIntegerField(_("input side"), help_text=_("Pixels."))
    labels = models.JSONField(_("labels"), default=list)
    calibration = models.JSONField(_("calibration"), default=dict)
    point_name = models.CharField(
        _("operating point"),
        max_length=12,
        choices=PointName.choices,
        default=PointName.SCREENING,
    )
    metrics = models.JSONField(_("metrics"), default=dict)
    data_sha256 = models.CharField(_("data sha256"), max_length=64, blank=True)
    command = models.TextField(_("command"), blank=True)
    trained_on = models.TextField(_("trained on"), blank=True)
    status = models.CharField(
        _("status"),
        max_length=8,
        choices=VersionStatus.choices,
        default=VersionStatus.DRAFT,
    )
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("activated by"),
        related_name="+",
    )
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(fields=("name", "version"), name="xray_version_once"),
            models.UniqueConstraint(
                fields=("name",),
                condition=models.Q(status=VersionStatus.ACTIVE),
                name="xray_one_active_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def host_name(self) -> str:
        """What the worker's model host calls these weights."""
        return f"{self.name}-{self.sha256[:12]}"
