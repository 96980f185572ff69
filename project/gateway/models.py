"""Every attempt to register with the gateway."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class GatewayAttempt(models.Model):
    """One try: what was told to whom, and what came back. Never the secret."""

    at = models.DateTimeField(_("at"))
    origin = models.CharField(_("host"), max_length=300)
    ip = models.GenericIPAddressField(_("address told"), null=True, blank=True)
    port = models.PositiveIntegerField(_("port told"))
    number = models.PositiveSmallIntegerField(_("number"))
    seconds = models.FloatField(_("seconds"), default=0.0)
    status_code = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    excerpt = models.CharField(
        _("answer"), max_length=200, blank=True, help_text=_("The beginning of the answer.")
    )

    class Meta:
        verbose_name = _("gateway attempt")
        verbose_name_plural = _("gateway attempts")
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=("-at",), name="gateway_attempt_newest")]

    def __str__(self) -> str:
        return f"{self.origin} {self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def is_success(self) -> bool:
        """Whether the gateway took it."""
        return not self.error_code
