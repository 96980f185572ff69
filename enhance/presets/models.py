"""The row of one preset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from project.uuid7 import uuid7

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class PresetQuerySet(models.QuerySet["Preset"]):
    """Permission lives here: views reach presets through `visible_to` only."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Presets are their owner's alone."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user)


class Preset(models.Model):
    """Options under a name of the owner's; only those that were given, as they were given."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        verbose_name=_("owner"),
        related_name="enhance_presets",
    )
    name = models.CharField(_("name"), max_length=60)
    options = models.JSONField(_("options"), default=dict)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = PresetQuerySet.as_manager()

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=("owner", "name"), name="enhance_preset_name")
        ]

    def __str__(self) -> str:
        # Operators see this; the name is its owner's.
        return str(self.id)
