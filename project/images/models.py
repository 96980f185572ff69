"""The record of one stored picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from project.uuid7 import uuid7

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class ImageQuerySet(models.QuerySet["ImageRecord"]):
    """Permission lives here: views reach pictures through `visible_to` only."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Pictures are their owner's alone, whatever role the reader holds."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user)


class ImageRecord(models.Model):
    """One picture in private storage; the file name is random and never the client's."""

    class Purpose(models.TextChoices):
        UPLOAD = "upload", _("Upload")
        RESULT = "result", _("Result")
        PREVIEW = "preview", _("Preview")
        PART = "part", _("Part of a result")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("owner"), related_name="images"
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    file = models.CharField(_("storage key"), max_length=255, unique=True)
    sha256 = models.CharField(_("sha256"), max_length=64)
    size_bytes = models.PositiveBigIntegerField(_("bytes"))
    format = models.CharField(_("format"), max_length=10, help_text=_("PNG, JPEG, WEBP ..."))
    width = models.PositiveIntegerField(_("width"), help_text=_("Pixels, upright."))
    height = models.PositiveIntegerField(_("height"), help_text=_("Pixels, upright."))
    bit_depth = models.PositiveSmallIntegerField(
        _("bits per channel"), default=8, help_text=_("8 or 16.")
    )
    warnings = models.JSONField(
        _("warnings"), default=list, blank=True, help_text=_("What the intake left out.")
    )
    original_name = models.CharField(_("original name"), max_length=255, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        ordering = ("-created_at", "-id")
        indexes = [models.Index(fields=("owner", "-created_at"), name="image_owner_newest")]

    def __str__(self) -> str:
        # Shown to operators, who must not learn what a person's file is called.
        return f"{self.format} {self.width} x {self.height} {self.id}"
